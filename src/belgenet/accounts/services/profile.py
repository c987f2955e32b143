from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership
from belgenet.accounts.schemas import MePatch


def change_profile(db: Session, account_id: UUID, patch: MePatch) -> list[str]:
    """Change one's own account. One's own name beats what an administrator of this tenant called one.

    :returns: names of the changed fields.
    """
    account = db.get_one(Account, account_id)
    changes = patch.model_dump(exclude_unset=True)
    for name, value in changes.items():
        setattr(account, name, value)
    if "full_name" in changes and "tenant_id" in db.info:
        mine = update(Membership).where(Membership.account_id == account_id, Membership.full_name.is_not(None))
        db.execute(mine.values(full_name=None).execution_options(synchronize_session=False))
    db.flush()
    return sorted(changes)
