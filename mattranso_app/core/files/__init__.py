"""Storage of what people send: private by default, checked by content, pictures without their metadata.

Taking in, in an endpoint (the form is read as a stream, its files removed at the end) and then in a service:

    async with files.read_form(request, files.FormLimits(files=5)) as form:
        photos = [await files.prepare(file, file.name, files.Purpose.PHOTO) for file in form.files_of("photos")]
    async with transaction() as session:
        …
        await files.attach(session, actor, photo, "petition_photo", str(petition_id))

Giving out: `GET /tep/{id}`; `register_reader("petition_photo", reader)` says who may read private files of a kind.
"""

from mattranso_app.core.files.blobs import FileStore, LocalStore, blob_store
from mattranso_app.core.files.incoming import ReceivedFile
from mattranso_app.core.files.kinds import MediaType, Purpose
from mattranso_app.core.files.multipart import Form, FormLimits, read_form
from mattranso_app.core.files.reading import may_read, register_reader, signed_path
from mattranso_app.core.files.store import (
    PreparedFile,
    StoredFile,
    attach,
    fetch_file,
    list_files,
    prepare,
    remove_files,
    set_visibility,
    store_upload,
)
from mattranso_app.core.files.sweep import doctor, sweep_orphans

__all__ = [
    "FileStore",
    "Form",
    "FormLimits",
    "LocalStore",
    "MediaType",
    "PreparedFile",
    "Purpose",
    "ReceivedFile",
    "StoredFile",
    "attach",
    "blob_store",
    "doctor",
    "fetch_file",
    "list_files",
    "may_read",
    "prepare",
    "read_form",
    "register_reader",
    "remove_files",
    "set_visibility",
    "signed_path",
    "store_upload",
    "sweep_orphans",
]
