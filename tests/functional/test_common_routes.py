"""Routes that belong to no area, the sign-in rules, and the API's description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.entrypoints.openapi.description import document

if TYPE_CHECKING:
    from chalice.test import Client, HTTPResponse

    from chalicelib.municipalities.model import Municipality


def body(response: HTTPResponse) -> Any:
    return json.loads(response.body)


def test_health_asks_nobody(client):
    assert body(client.http.get("/health")) == {"status": "ok"}


def test_a_municipality_is_listed_and_described(client, tenant: Municipality):
    listed = body(client.http.get("/api/v1/municipalities"))["municipalities"]
    assert {"id": tenant.id, "name": tenant.name} in listed
    offices = body(client.http.get(f"/api/v1/municipalities/{tenant.id}/offices"))["offices"]
    assert offices == [
        {
            "id": "raadhuset",
            "name": {"da": "Rådhuset", "en": "Town hall"},
            "address": "Torvet 1, 9999 Fjordby",
            "reasons": ["licence", "passport"],
            "desks": ["1", "2"],
        }
    ]
    reasons = body(client.http.get(f"/api/v1/municipalities/{tenant.id}/enquiry-reasons"))["reasons"]
    assert [reason["id"] for reason in reasons] == ["passport", "licence"]
    assert reasons[0]["attendance_required"] is True
    assert reasons[1]["alternatives"][0]["channel"] == "self_service"


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(("language", "start"), [("da", "Ja, I må sende"), ("en", "Yes, you may send")])
def test_consent_wording_comes_with_its_version(client, tenant, language, start):
    texts = body(client.http.get(f"/api/v1/municipalities/{tenant.id}/consent-texts?language={language}"))
    assert texts["survey_sms"]["version"] == "2026-1"
    assert texts["survey_sms"]["text"].startswith(start)


def test_an_unknown_language_is_a_field_error(client, tenant):
    response = client.http.get(f"/api/v1/municipalities/{tenant.id}/consent-texts?language=tlh")
    assert response.status_code == 422
    assert body(response) == {
        "code": "invalid_field",
        "message": "A field is missing or wrong.",
        "fields": {"language": "choose da or en"},
    }


@pytest.mark.parametrize("path", ["/api/v1/municipalities/atlantis/offices", "/api/v1/municipalities/api/offices"])
def test_an_unknown_municipality_is_404_with_a_code(client, path):
    response = client.http.get(path)
    assert (response.status_code, body(response)["code"]) == (404, "not_found")


@pytest.mark.requirement("GL-66")
@pytest.mark.parametrize("page", ["", "privacy", "accessibility"])
@pytest.mark.parametrize(("language", "word"), [("da", "Har du brug for hjælp?"), ("en", "Do you need help?")])
def test_every_common_page_speaks_both_languages(client, tenant, page, language, word):
    response = client.http.get(f"/{tenant.id}/{page}?lang={language}".replace("/?", "?"))
    html = response.body.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}" dir="ltr">' in html
    assert word in html


def test_pages_carry_a_strict_content_security_policy(client, tenant):
    policy = client.http.get(f"/{tenant.id}/privacy").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = client.http.get(f"/{tenant.id}/privacy").body.decode()
    assert "<style" not in html
    assert " style=" not in html


def test_an_unknown_municipality_gets_a_page_that_says_what_to_do(client):
    response = client.http.get("/atlantis/privacy")
    assert response.status_code == 404
    assert "Siden findes ikke" in response.body.decode()


def test_the_brand_sheet_holds_the_municipalitys_colour(client, tenant):
    assert "--brand: #0b5c8a" in client.http.get(f"/{tenant.id}/brand.css").body.decode()


class TestStaff:
    """401 without a token, 404 for another municipality, 403 for another role (design 4.13, I8)."""

    def queue(self, client: Client, municipality: str, token: str | None) -> HTTPResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.http.get(f"/api/v1/municipalities/{municipality}/offices/raadhuset/queue", headers=headers)

    def test_no_token(self, client, tenant):
        response = self.queue(client, tenant.id, None)
        assert (response.status_code, body(response)["code"]) == (401, "not_signed_in")

    def test_a_forged_token(self, client, tenant, staff_token):
        token = staff_token("desk", tenant.id)
        forged = token[:-6] + ("AAAAAA" if not token.endswith("AAAAAA") else "BBBBBB")
        assert self.queue(client, tenant.id, forged).status_code == 401

    def test_another_municipalitys_token_learns_nothing(self, client, tenant, staff_token):
        assert self.queue(client, tenant.id, staff_token("desk", "elsewhere")).status_code == 404

    def test_another_role(self, client, tenant, staff_token):
        response = self.queue(client, tenant.id, staff_token("leader", tenant.id))
        assert (response.status_code, body(response)["code"]) == (403, "not_allowed")

    def test_the_right_role(self, client, tenant, staff_token):
        assert self.queue(client, tenant.id, staff_token("desk", tenant.id)).status_code == 200

    def test_a_page_sends_the_reader_to_sign_in_and_back(self, client, tenant):
        response = client.http.get(f"/{tenant.id}/desk")
        assert response.status_code == 303
        assert tenant.id in response.headers["Location"]

    def test_a_cookie_does_not_work_from_a_foreign_page(self, client, tenant, staff_token):
        headers = {
            "Cookie": f"session={staff_token('desk', tenant.id)}",
            "Origin": "https://evil.example",
            "Content-Type": "application/json",
        }
        path = f"/api/v1/municipalities/{tenant.id}/offices/raadhuset/call-next"
        response = client.http.post(path, headers=headers, body=b'{"desk": "1"}')
        assert response.status_code == 403


def test_the_description_lists_every_route_and_no_other(client):
    import app

    described = {(method.upper(), path) for path, item in document()["paths"].items() for method in item}
    routes = {
        (method, path) for path, methods in app.app.routes.items() for method in methods if path.startswith("/api/v1")
    }
    assert described == routes
    assert body(client.http.get("/api/v1/openapi.json"))["openapi"] == "3.1.0"


def test_every_reference_in_the_description_resolves():
    text = json.dumps(document())
    schemas = set(document()["components"]["schemas"])
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= schemas
