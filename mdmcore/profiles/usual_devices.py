"""What a usual device of each generation says of itself: maker, model, versions.

Manufacturer, model and OS version of the Lumia 630 and of the Windows 10 PC's machine are as
captured; the rest is invented. The keys are settings of a simulated phone, those of the details
are facts that nodes of DevDetail are filled from.
"""

from __future__ import annotations

from types import MappingProxyType

LUMIA_820 = MappingProxyType(
    {
        "manufacturer": "NOKIA",
        "model": "Lumia 820",
        "os_version": "8.0.10501.127",
        "firmware_version": "1232.5957.1308.0000",
        "hardware_version": "1.0.0.0",
        "device_name": "Windows Phone",
        "resolution": "480x800",
        "processor_architecture": "5",
        "processor_type": "0",
        "os_platform": "Windows Phone 8.0",
    }
)
LUMIA_630 = MappingProxyType(
    {
        **LUMIA_820,
        "model": "Lumia 630",
        "os_version": "8.10.12397.895",
        "firmware_version": "02040.00021.15053.02002",
        "resolution": "480x854",
        "os_platform": "Windows Phone 8.1",
    }
)
PC_WINDOWS_81 = MappingProxyType(
    {
        "manufacturer": "VMware, Inc.",
        "model": "VMware7,1",
        "os_version": "6.3.9600.17031",
        "firmware_version": "VMW71.00V.0.B64",
        "hardware_version": "None",
        "device_name": "DESKTOP-0000001",
        "resolution": "1920x1080",
        "processor_architecture": "9",
        "processor_type": "8664",
        "os_platform": "Windows 8.1 Pro",
    }
)
PC_WINDOWS_10 = MappingProxyType(
    {
        **PC_WINDOWS_81,
        "os_version": "10.0.26200.6584",
        "os_platform": "Windows 11 Enterprise",
    }
)

PHONE_DETAILS = MappingProxyType(
    {
        "mobile_id": "001010123456789",
        "commercialization_operator": "000-88",
        "wlan_ipv4": "192.0.2.20",
        "wlan_ipv6": "2001:db8::20",
        "wlan_dns_suffix": "example.test",
        "wlan_subnet_mask": "255.255.255.0",
    }
)
PC_DETAILS = MappingProxyType(
    {
        "wlan_ipv4": "192.0.2.30",
        "wlan_ipv6": "2001:db8::30",
        "wlan_dns_suffix": "example.test",
        "wlan_subnet_mask": "255.255.255.0",
        "total_storage": "131072",
        "total_ram": "8192",
        "serial_number": "EXAMPLE-0001",
        "volte": "false",
    }
)
"""A device without a SIM card has no MobileID and no operator. Storage and memory are in MB."""
