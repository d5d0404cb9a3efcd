"""Rendering: one Jinja environment, one frame for all pages.

Templates get `page` (a `Page`: language, addresses, municipality), `_` for translation and the formats as filters. They
escape by default; `StrictUndefined` turns a forgotten variable into an error in the tests instead of a gap on a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, ModuleLoader, StrictUndefined, select_autoescape

from chalicelib.shared.clock import to_local
from chalicelib.shared.languages import COMPLETE, Language, in_language
from chalicelib.web import formats
from chalicelib.web.catalogue import translator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.languages import Text
    from chalicelib.web.urls import Urls

_TEMPLATES: Final = Path(__file__).parent / "templates"
# Only in a package: reading and compiling the templates of one page takes a cold function 80 to 100 ms of CPU.
_COMPILED: Final = Path(__file__).parent / "compiled"
RIGHT_TO_LEFT: Final = frozenset({"ar"})


@dataclass(frozen=True, slots=True)
class Page:
    """What every page knows. `here` is its own address and `kept` its query without language, for the language switch.

    An address that brings a query of its own says there all that is to be kept.
    """

    urls: Urls
    language: str
    here: str
    municipality: Municipality | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    staff: bool = False
    languages: tuple[Language, ...] = COMPLETE
    kept: str = ""

    @property
    def direction(self) -> str:
        """`rtl` for Arabic, else `ltr`."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def text(self, text: Text) -> str:
        """A configured text in the page's language."""
        return in_language(text, self.language)

    def same_in(self, language: str) -> str:
        """This page's address in another language, with everything else that it says."""
        path, _, own = self.here.partition("?")
        kept = own or self.kept
        return f"{path}?{kept}&lang={language}" if kept else f"{path}?lang={language}"

    def at(self, *parts: str, **query: str | None) -> str:
        """An address under the page's municipality (`/fjordby/…`), or under the root when the page has none."""
        start = (self.municipality.id,) if self.municipality else ()
        return self.urls.path(*start, *parts, **query)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=ModuleLoader(_COMPILED) if _COMPILED.is_dir() else FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(translator(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        clock_time=lambda moment: formats.clock_time(moment, language),
        long_date=lambda day: formats.long_date(day, language),
        day_of=lambda moment: formats.long_date(to_local(moment).date(), language),
        month_name=lambda month: formats.month_name(month, language),
        number=lambda value, decimals=0: formats.number(value, language, decimals=decimals),
        percent=lambda share, decimals=0: formats.percent(share, language, decimals=decimals),
    )
    return environment


def compile_templates(folder: Path) -> None:
    """Every template as a Python module in that folder, for all languages: nothing is worked out beforehand in one.

    Raises:
        jinja2.TemplateSyntaxError: a template can't be read.
    """
    environment = _environment(Language.DANISH).overlay(optimized=False)
    environment.compile_templates(folder, zip=None, ignore_errors=False)


def render(template: str, page: Page, **context: Any) -> str:
    """The HTML of a template.

    Raises:
        jinja2.UndefinedError: the template asks for something that was not given.
    """
    return _environment(page.language).get_template(template).render(page=page, **context)


def render_letter(template: str, language: str, **context: Any) -> str:
    """The text or HTML of an e-mail, which has no page around it."""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return _environment(language).get_template(template).render(language=language, direction=direction, **context)


def gettext(language: str, message: str, **values: Any) -> str:
    """One translated message outside a template, `%(name)s` filled in."""
    text = translator(language).gettext(message)
    return text % values if values else text
