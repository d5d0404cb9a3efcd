"""Reading CloudFormation's YAML (short tags become their long form) and writing it without aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Knows `!Ref` and its relatives, and refuses a key that stands twice, of which YAML would drop one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping.

        Raises:
            ValueError: a key stands twice.
        """
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{key!r} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """CloudFormation does not promise to understand YAML aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise TypeError(f"!{suffix} has no value")
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Loader.add_multi_constructor("!", _long_form)
_Dumper.add_representer(str, _text)


def load(path: Path) -> Template:
    """The template in a file, intrinsic functions in their long form."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader with our tags
    if not isinstance(document, dict):
        raise TypeError(f"{path} is not a template")
    return document


def dump(template: Template, *, header: str = "") -> str:
    """YAML that CloudFormation takes: no anchors, keys in their order."""
    return header + yaml.dump(template, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
