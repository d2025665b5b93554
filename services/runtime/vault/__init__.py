"""The vault: personal data by reference, sealed with a key per person that can be destroyed (docs/vault.md)."""

from services.runtime.vault.errors import (
    AlreadySealed,
    Forgotten,
    KeyStoreFault,
    MasterKeyFault,
    Missing,
    Tampered,
    VaultFault,
)
from services.runtime.vault.master import KeyFile, KeyText, MasterKeySource
from services.runtime.vault.opening import OpenedVault, master_key_source, open_keys, open_vault
from services.runtime.vault.vault import Vault

__all__ = [
    "AlreadySealed",
    "Forgotten",
    "KeyFile",
    "KeyStoreFault",
    "KeyText",
    "MasterKeyFault",
    "MasterKeySource",
    "Missing",
    "OpenedVault",
    "Tampered",
    "Vault",
    "VaultFault",
    "master_key_source",
    "open_keys",
    "open_vault",
]
