"""What forms share that are sent by GET, so that their address is what they describe."""

from flask_wtf import FlaskForm


class AddressForm(FlaskForm):
    """A form that changes nothing needs no CSRF field, and its address can be passed on."""

    class Meta:
        """Without CSRF."""

        csrf = False

    def first_error(self) -> str:
        """What is wrong with the first bad field; empty when all are right."""
        return next((str(messages[0]) for messages in self.errors.values() if messages), "")
