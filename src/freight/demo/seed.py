"""Makes the demo world, once: a second run finds it and does nothing."""

from datetime import timedelta

from crossdock.clock import Clock, FixedClock
from crossdock.config.settings import Settings
from crossdock.cutover.operating import Operations
from crossdock.driver.connection import connect
from crossdock.errors import Conflict
from crossdock.operations.demo import Progress, refuse_production
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.demo.cast import complete, demo_password_hash, hire_crew, hire_operator, is_there
from freight.demo.stage import Stage
from freight.demo.stories import STORIES, Story
from freight.demo.world import HARBOR, NORTHGATE, OPERATOR_EMAIL, RIVALS, DemoCompany, further_shipper, last_to_join
from freight.modules.ledger import service as ledger
from freight.money import Money
from freight.small_database import small_database

DEPOSIT = Money(5_000_000, "EUR")
TRIES = 3
MOVING = "companies"
LOCK = "SELECT pg_advisory_lock(hashtext('crossdock demo world'))"


async def seed(settings: Settings, registry: Registry, *, scale: int = 0, progress: Progress | None = None) -> int:
    """The demo world, and `scale` further shippers with bookings of their own, in a migrated database.

    Returns how many stories were played, 0 where all was there before. Raises ConfigurationError in production. After a
    run that was killed, the next one plays all stories again; what the first one had made stays.
    """
    await refuse_production(settings)
    direct = await connect(settings.direct)
    try:
        await direct.execute(LOCK)  # held until the connection closes: a second run waits here, and finds all there
        clock = FixedClock(Clock().now())
        async with small_database(settings, registry, clock) as database:
            played = await _Seeding(database, clock, progress or _nothing, scale).run()
        await _begin_move(Operations(settings, registry, by="demo"))
        return played
    finally:
        await direct.close()


async def _begin_move(operations: Operations) -> None:
    """Companies are on their way to SQLAlchemy, so that a newcomer sees comparisons: `crossdock move status`."""
    state = (await operations.states())[MOVING]
    if state.control is None:
        await operations.start(MOVING, sample=100, reason="the demo shows how a module moves")


def _nothing(_done: int, _total: int) -> None:
    """Shows no progress."""


class _Seeding:
    """One run."""

    def __init__(self, database: Database, clock: FixedClock, progress: Progress, scale: int) -> None:
        self._database = database
        self._clock = clock
        self._now = clock.now()
        self._progress = progress
        self._scale = scale
        self._played = 0

    async def run(self) -> int:
        if not await is_there(self._database, OPERATOR_EMAIL):
            await hire_operator(self._database, await demo_password_hash())
        wanted = [NORTHGATE, *(further_shipper(number) for number in range(1, self._scale + 1))]
        shippers = [company for company in wanted if not await self._is_complete(company)]
        if not shippers:
            return 0
        total = len(STORIES) * len(shippers)
        self._progress(0, total)
        password = await demo_password_hash()
        self._travel(STORIES[0].days_ago + 1)
        carrier = await hire_crew(self._database, HARBOR, password)
        rivals = tuple([await hire_crew(self._database, rival, password) for rival in RIVALS])
        for company in shippers:
            shipper = await hire_crew(self._database, company, password)
            if company is NORTHGATE:
                shipper = await complete(self._database, shipper, password)
            await self._play_all(Stage(self._database, self._clock, shipper, carrier, rivals), total)
            self._travel(0)
            await complete(self._database, carrier if company is NORTHGATE else shipper, password)
        return self._played

    async def _is_complete(self, shipper: DemoCompany) -> bool:
        """Whether all stories of a shipper were played. The last person of a company is added after the last story."""
        company = last_to_join(shipper)
        return await is_there(self._database, company.email(company.people[-1].role))

    async def _play_all(self, stage: Stage, total: int) -> None:
        self._travel(STORIES[0].days_ago + 1)
        async with self._database.transaction(stage.shipper.manager.tenant, elevates=True) as tx:
            await ledger.deposit_own(tx, stage.shipper.manager, DEPOSIT)
        for story in STORIES:
            await self._play(stage, story)
            self._played += 1
            self._progress(self._played, total)

    async def _play(self, stage: Stage, story: Story) -> None:
        """Plays a story, and begins it again where a service that runs at the same time has interfered.

        The story's bookings are in the past for that service, so its jobs may expire one.
        """
        for tries_left in reversed(range(TRIES)):
            self._travel(story.days_ago)
            stage.acceptable_for(hours=6)
            try:
                await story.play(stage, story.load)
            except Conflict:
                if not tries_left:
                    raise
            else:
                return

    def _travel(self, days_ago: float) -> None:
        self._clock.at = self._now - timedelta(days=days_ago)
