"""Every table of the product, so that importing this module makes the metadata complete."""

from storage import crm, people, spine
from storage.base import Base

__all__ = ["Base", "crm", "people", "spine"]
