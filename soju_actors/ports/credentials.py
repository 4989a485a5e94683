"""Jobs for the service ``writer`` about what users log in with; answered as those of ``ports.database``."""

import msgspec

from soju_actors.model.credentials import AppPassword, AppPasswordId, CertificateId, DeviceCertificate


class SaveCertificate(msgspec.Struct, frozen=True, tag="writer.save-certificate"):
    """Insert a certificate (id 0). Answer: ``Saved`` with its id; a fingerprint that is known is a failure."""

    certificate: DeviceCertificate
    request: int = 0


class DeleteCertificate(msgspec.Struct, frozen=True, tag="writer.delete-certificate"):
    """Forget a certificate, and raise the user's generation. Answer: ``Saved`` with the user.

    One that is not there is as good as deleted: ``Saved`` without a user.
    """

    certificate_id: CertificateId
    request: int = 0


class SaveAppPassword(msgspec.Struct, frozen=True, tag="writer.save-app-password"):
    """Insert (id 0) a password of a client, or update it. Answer: ``Saved`` with its id."""

    password: AppPassword
    request: int = 0


class DeleteAppPassword(msgspec.Struct, frozen=True, tag="writer.delete-app-password"):
    """Forget a password of a client; otherwise as :class:`DeleteCertificate`."""

    password_id: AppPasswordId
    request: int = 0


class Use(msgspec.Struct, frozen=True):
    """When something was last used (Unix time), and from which host."""

    id: int
    at: float
    address: str = ""


class NoteUses(msgspec.Struct, frozen=True, tag="writer.note-uses"):
    """Note when users were last there, and when certificates and passwords were last used.

    Nothing else of the records is changed; what is gone, or was used later, stays as it is. Answer: ``Saved``.
    """

    users: tuple[Use, ...] = ()
    certificates: tuple[Use, ...] = ()
    passwords: tuple[Use, ...] = ()
    request: int = 0
