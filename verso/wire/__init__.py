"""Values as lines of JSON, and back (docs/wire.md): `framing` cuts bytes into lines, `codec` turns lines' objects
into `verso.api.messages` and the other way round."""
