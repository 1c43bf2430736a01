"""Sources that are asked over http(s): page by page, patiently, and resumed where a read broke off."""

from pipelines.extract.web.source import WebInput

__all__ = ["WebInput"]
