"""Notices to people: an outbox with e-mail and text messages.

    async with transaction() as session:
        …
        await notify.send(session, channel="email", to=address, subject=…, text=…, dedupe_key=f"answered:{number}")

Recipient and content are sealed while they wait and forgotten when sent. Nothing personal is logged.
"""

from mattranso_app.core.notify.gateways import Channel, DeliveryFailed, Gateway, Message, gateway_for, plug
from mattranso_app.core.notify.outbox import DemoMessage, demo_messages, doctor, figures, send

__all__ = [
    "Channel",
    "DeliveryFailed",
    "DemoMessage",
    "Gateway",
    "Message",
    "demo_messages",
    "doctor",
    "figures",
    "gateway_for",
    "plug",
    "send",
]
