"""Every behaviour of the device, for its tree."""

from __future__ import annotations

from mdmcore.phone.device.accounts import ACTIVE_SYNC, EMAIL
from mdmcore.phone.device.certificates import CERTIFICATE_STORE, TRUSTED_ROOTS
from mdmcore.phone.device.client_certificates import CLIENT_CERTIFICATES
from mdmcore.phone.device.desktop_apps import DESKTOP_APPS
from mdmcore.phone.device.device_lock import DEVICE_LOCK
from mdmcore.phone.device.device_status import DEVICE_STATUS
from mdmcore.phone.device.dm_client import DM_CLIENT
from mdmcore.phone.device.documents import APP_LOCKER, BITLOCKER, VPN_V2, WIFI
from mdmcore.phone.device.enterprise_apps import ENTERPRISE_APPS
from mdmcore.phone.device.modern_apps import MODERN_APPS
from mdmcore.phone.device.policy import POLICY
from mdmcore.phone.device.policy_manager import POLICY_MANAGER
from mdmcore.phone.device.remote_actions import REBOOT, REMOTE_RING, REMOTE_WIPE
from mdmcore.phone.device.remote_lock import REMOTE_LOCK
from mdmcore.phone.tree.behaviour import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    ACTIVE_SYNC,
    APP_LOCKER,
    BITLOCKER,
    CERTIFICATE_STORE,
    CLIENT_CERTIFICATES,
    DESKTOP_APPS,
    DEVICE_LOCK,
    DEVICE_STATUS,
    DM_CLIENT,
    EMAIL,
    ENTERPRISE_APPS,
    MODERN_APPS,
    POLICY,
    POLICY_MANAGER,
    REBOOT,
    REMOTE_LOCK,
    REMOTE_RING,
    REMOTE_WIPE,
    TRUSTED_ROOTS,
    VPN_V2,
    WIFI,
)
"""One for each CSP that does more than keep values."""
