"""What is carried in the demo world, and between which docks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from freight.modules.bookings.store import Dropoff, Equipment, Pickup
from freight.money import Money


@dataclass(frozen=True, slots=True)
class Dock:
    address: str
    lat: float
    lon: float


ROTTERDAM = Dock("Maasvlakteweg 12, 3199 Rotterdam, NL", 51.9512, 4.0301)
DUISBURG = Dock("Hafenstrasse 4, 47119 Duisburg, DE", 51.4519, 6.7312)
ANTWERP = Dock("Noorderlaan 139, 2030 Antwerpen, BE", 51.2704, 4.3925)
LILLE = Dock("Rue du Moulin 8, 59000 Lille, FR", 50.6311, 3.0487)
BREMEN = Dock("Überseetor 2, 28217 Bremen, DE", 53.0961, 8.7689)
VENLO = Dock("Venrayseweg 120, 5928 Venlo, NL", 51.3889, 6.1502)
PRAGUE = Dock("Průmyslová 7, 10200 Praha, CZ", 50.0786, 14.5551)


@dataclass(frozen=True, slots=True)
class Load:
    """`ceiling_minor` is in cents of EUR; `road_h` is how long the truck drives, in hours."""

    origin: Dock
    destination: Dock
    weight_kg: int
    equipment: Equipment
    ceiling_minor: int
    road_h: int

    @property
    def ceiling(self) -> Money:
        return Money(self.ceiling_minor, "EUR")

    def pickup(self, at: datetime) -> Pickup:
        return Pickup(self.origin.address, self.origin.lat, self.origin.lon, at)

    def dropoff(self, pickup_at: datetime) -> Dropoff:
        """Due half a day after the truck could be there."""
        due_at = pickup_at + timedelta(hours=self.road_h + 12)
        return Dropoff(self.destination.address, self.destination.lat, self.destination.lon, due_at)


FROZEN_FISH = Load(ROTTERDAM, DUISBURG, 18_000, Equipment.REEFER, 142_000, 4)
TOMATOES = Load(VENLO, LILLE, 9_500, Equipment.REEFER, 98_000, 5)
COFFEE = Load(ANTWERP, BREMEN, 22_000, Equipment.CURTAINSIDER, 165_000, 8)
FLOUR = Load(LILLE, ANTWERP, 24_000, Equipment.CURTAINSIDER, 74_000, 3)
CHEESE = Load(VENLO, PRAGUE, 11_000, Equipment.REEFER, 215_000, 11)
PALLETS = Load(BREMEN, ROTTERDAM, 6_000, Equipment.BOX_TRUCK, 88_000, 6)
SAMPLES = Load(DUISBURG, VENLO, 700, Equipment.VAN, 26_000, 2)
