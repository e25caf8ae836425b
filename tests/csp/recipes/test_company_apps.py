"""Company apps of phones (session.md 7: EnterpriseAppManagement)."""

from __future__ import annotations

import pytest

from mdmcore.base64_text import decode_base64
from mdmcore.csp.recipes import RecipeContext, build_commands, find_recipe
from mdmcore.enrollment.aetx import serialize_aet, serialize_aetx
from mdmcore.errors import ConfigError
from tests.support.recipes import ENTERPRISE, body, built, sent_values
from tests.support.syncml_text import normal

EAM = "./Vendor/MSFT/EnterpriseAppManagement/4000000001"
APP = f"{EAM}/EnterpriseApps/Download/%7BB316008A-141D-4A79-810F-8B764C4CFDFB%7D"
PRODUCT = "{B316008A-141D-4A79-810F-8B764C4CFDFB}"
NAMED = {
    "product_id": PRODUCT,
    "name": "ContosoApp1",
    "url": "http://contoso.com/enterpriseapps/ContosoApp1.xap",
    "version": "2.0.0.0",
}


def item(leaf: str, format: str, data: str) -> str:
    return (
        f"<Item><Target><LocURI>{APP}/{leaf}</LocURI></Target>"
        f'<Meta><Format xmlns="syncml:metinf">{format}</Format></Meta><Data>{data}</Data></Item>'
    )


def install(command: str) -> str:
    """session.md 7: Atomic { Add or Replace Name, URL, Version, DownloadInstall; Exec
    DownloadInstall (Meta int, Data 0) }, braces encoded."""
    return f"""<Atomic><CmdID>2</CmdID>
      <{command}><CmdID>3</CmdID>
        {item("Name", "chr", "ContosoApp1")}
        {item("URL", "chr", "http://contoso.com/enterpriseapps/ContosoApp1.xap")}
        {item("Version", "chr", "2.0.0.0")}
        {item("DownloadInstall", "int", "0")}
      </{command}>
      <Exec><CmdID>4</CmdID>{item("DownloadInstall", "int", "0")}</Exec>
    </Atomic>"""


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
@pytest.mark.parametrize(("recipe", "command"), [("app-install", "Add"), ("app-update", "Replace")])
def test_an_install_is_one_atomic(recipe: str, command: str, profile: str) -> None:
    assert normal(body(built(recipe, profile, **NAMED))) == normal(install(command))


def test_the_hub_is_that_of_the_server() -> None:
    values = sent_values(built("hub-install", "wp8", version="1.2.0.0"))
    assert values[f"{APP}/URL"] == "https://hub.example.test/Hub.xap"
    assert values[f"{APP}/Version"] == "1.2.0.0"


@pytest.mark.parametrize(
    ("recipe", "values", "missing"),
    [
        ("hub-install", {"version": "1.0"}, "product-id is needed"),
        ("app-inventory", {}, "enterprise-id is needed"),
    ],
)
def test_a_server_without_a_hub_is_told_so(
    recipe: str, values: dict[str, str], missing: str
) -> None:
    empty = RecipeContext(profile="wp8", provider_id="ExampleMDM", new_guid=lambda: "")
    with pytest.raises(ConfigError, match=missing):
        build_commands(find_recipe(recipe), values, empty)


def test_removing_deletes_from_the_inventory() -> None:
    expected = f"""<Delete><CmdID>2</CmdID><Item><Target><LocURI>{EAM}/EnterpriseApps/Inventory/\
%7BB316008A-141D-4A79-810F-8B764C4CFDFB%7D</LocURI></Target></Item></Delete>"""
    made = built("app-remove", "wp81", product_id=PRODUCT)
    assert normal(body(made)) == normal(expected)


def test_the_inventory_is_read_at_once() -> None:
    expected = f"""<Get><CmdID>1</CmdID><Item><Target>
      <LocURI>{EAM}/EnterpriseApps/Inventory?list=StructData</LocURI></Target></Item></Get>"""
    assert normal(body(built("app-inventory", "wp8"))) == normal(expected)


def test_the_status_of_a_download_is_read() -> None:
    made = body(built("app-status", "wp8", product_id=PRODUCT))
    for leaf in ("Status", "LastError", "LastErrorDesc"):
        assert f"<LocURI>{APP}/{leaf}</LocURI>" in made


@pytest.mark.parametrize("is_file", [True, False])
def test_a_new_token_replaces_the_old_one(is_file: bool) -> None:
    aetx = serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)).decode()
    token = aetx.split('name="EnrollmentToken" value="')[1].split('"')[0]
    values = sent_values(built("hub-token", "wp8", token=aetx if is_file else token))
    assert values == {f"{EAM}/EnrollmentToken": token}
    assert serialize_aet(ENTERPRISE) == decode_base64(token)


@pytest.mark.parametrize("token", ["not base64!", "<wap-provisioningdoc/>", "<broken", " "])
def test_what_is_no_token_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ConfigError, match=r"token must be base64 of a token, or @PATH") as error:
        built("hub-token", "wp8", token=token)
    assert token.strip() == "" or token not in str(error.value)


def test_windows_10_has_other_recipes() -> None:
    with pytest.raises(ConfigError, match="not for win10: msi-install or modern-app-install"):
        built("app-install", "win10", **NAMED)
