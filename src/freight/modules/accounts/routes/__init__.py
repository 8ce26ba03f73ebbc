"""Accounts over HTTP."""

from fastapi import APIRouter

from freight.modules.accounts.routes import auth, me, teams, users

router = APIRouter()
router.include_router(auth.router)
router.include_router(me.router)
router.include_router(users.router)
router.include_router(teams.router)
