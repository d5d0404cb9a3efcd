"""What a municipality decides about its work with comments, in its file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cli.schema_base import Bilingual, Slug, Strict


class CommentsFile(Strict):
    """Without themes, the product's own (SK-21)."""

    themes: Annotated[dict[Slug, Bilingual], Field(max_length=12)] = {}
