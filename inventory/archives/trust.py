"""Who may sign archives here: the keys and the policy of the settings, and the site's own key."""

import datetime as dt

from django.conf import settings

from agents.site_key import site_public_key
from inventory.archives.signing import SignaturePolicy, SignersUnreadable, Trust, signers_from_text


def trust_of_site(now: dt.datetime, *, asked: str = "") -> Trust:
    """Return who may sign, and what is done about others; `asked` can only make it stricter.

    Raises:
        SignersUnreadable: the settings name what is no key, no policy, or a certificate that is
            not valid now.
        SiteKeyUnusable: nothing can be signed here.
    """
    policies = list(SignaturePolicy)
    given = {settings.STELLWERK_IMPORT_SIGNATURES, asked or SignaturePolicy.OFF.value}
    if not given <= {policy.value for policy in policies}:
        known = ", ".join(policy.value for policy in policies)
        raise SignersUnreadable(f"STELLWERK_IMPORT_SIGNATURES must be one of {known}.")
    policy = max((SignaturePolicy(word) for word in given), key=policies.index)
    if policy is SignaturePolicy.OFF:
        return Trust()
    signers = signers_from_text(settings.STELLWERK_IMPORT_SIGNERS, now)
    return Trust(policy, (*signers, site_public_key()))
