"""Protocol documents for tests."""

from __future__ import annotations

from typing import Any


def small_content(slug: str = "own") -> dict[str, Any]:
    """A valid protocol: one criterion with two bands, one with three levels."""
    return {
        "format": 1,
        "slug": slug,
        "languages": ["en", "zh-hans"],
        "title": {"en": "Own protocol", "zh-hans": "自有方案"},
        "criteria": [
            {
                "code": "contrast",
                "scope": "image",
                "minimum": 0,
                "maximum": 20,
                "title": {"en": "Contrast", "zh-hans": "对比度"},
                "ends": {
                    "minimum": {"en": "Bad", "zh-hans": "差"},
                    "maximum": {"en": "Good", "zh-hans": "好"},
                },
                "bands": [
                    {"from": 0, "to": 9, "label": {"en": "Low", "zh-hans": "低"}},
                    {"from": 10, "to": 20, "label": {"en": "High", "zh-hans": "高"}},
                ],
                "threshold": 10,
            },
            {
                "code": "outline",
                "scope": "annotation",
                "minimum": 1,
                "maximum": 3,
                "title": {"en": "Outline", "zh-hans": "轮廓"},
                "ends": {
                    "minimum": {"en": "Bad", "zh-hans": "差"},
                    "maximum": {"en": "Good", "zh-hans": "好"},
                },
                "levels": [
                    {"value": 1, "label": {"en": "One", "zh-hans": "一"}},
                    {"value": 2, "label": {"en": "Two", "zh-hans": "二"}},
                    {"value": 3, "label": {"en": "Three", "zh-hans": "三"}},
                ],
            },
        ],
        "gate": {"criterion": "contrast", "minimum": 10},
    }
