"""A tenant changes what is its own to change, and points at nothing of another's.

Functions, policies, grants on columns and triggers: no table is rewritten or scanned. The release before this one goes on
with them: it asks for nothing more.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {
    "ban-revoke": "what the deployed release changes is granted again in the same transaction, column by column",
    "looser-policy": "each has the conditions that it had, in a SELECT of their own, and some have one more",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
CREATE FUNCTION keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'crossdock_app' AND (OLD.status || ' to ' || NEW.status) <> ALL (TG_ARGV) THEN
        RAISE EXCEPTION 'a tenant may not move % from % to %', TG_TABLE_NAME, OLD.status, NEW.status
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION is_colleague(person uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = person AND u.company_id = current_company_id());
END $$;
CREATE FUNCTION is_account_of(subject uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = subject AND u.company_id = company)
        OR EXISTS (SELECT FROM teams t WHERE t.id = subject AND t.company_id = company)
        OR EXISTS (SELECT FROM sessions s WHERE s.id = subject AND s.company_id = company);
END $$;
CREATE FUNCTION is_bid_of(bid uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM bids b WHERE b.id = bid AND b.company_id = company);
END $$;
CREATE FUNCTION is_carried_by(shipment uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM shipments s WHERE s.id = shipment AND s.carrier_id = company);
END $$;

REVOKE UPDATE ON users FROM crossdock_app;
GRANT UPDATE (name, surname, email, phone, locale, time_zone, job_title, licence_number, role, boss_id, status,
    password_hash, last_sign_in_at, deleted_at, updated_at, version) ON users TO crossdock_app;
REVOKE UPDATE ON teams FROM crossdock_app;
GRANT UPDATE (name, updated_at, version) ON teams TO crossdock_app;
REVOKE UPDATE ON bookings FROM crossdock_app;
GRANT UPDATE (status, pickup_address, pickup_lat, pickup_lon, pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon,
    dropoff_due_at, weight_kg, equipment, price_ceiling_minor, currency, carrier_id, awarded_bid_id, updated_at, version)
    ON bookings TO crossdock_app;

ALTER POLICY users_read ON users
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY users_add ON users
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));
ALTER POLICY users_change ON users
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));
ALTER POLICY user_history_read ON user_history
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY user_history_add ON user_history
    WITH CHECK (company_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM users u WHERE u.id = user_history.user_id AND u.company_id = user_history.company_id));
ALTER POLICY teams_read ON teams
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY teams_add ON teams
    WITH CHECK (company_id = (SELECT current_company_id()));
ALTER POLICY teams_change ON teams
    USING (company_id = (SELECT current_company_id())) WITH CHECK (company_id = (SELECT current_company_id()));
ALTER POLICY team_members_read ON team_members
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY team_members_add ON team_members
    WITH CHECK (company_id = (SELECT current_company_id())
        AND EXISTS (SELECT FROM teams t WHERE t.id = team_members.team_id AND t.company_id = team_members.company_id)
        AND EXISTS (SELECT FROM users u WHERE u.id = team_members.user_id AND u.company_id = team_members.company_id));
ALTER POLICY team_members_remove ON team_members
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY sessions_read ON sessions
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY sessions_change ON sessions
    USING (company_id = (SELECT current_company_id())) WITH CHECK (company_id = (SELECT current_company_id()) AND revoked_at IS NOT NULL);
ALTER POLICY bids_read ON bids
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()));
ALTER POLICY bids_add ON bids
    WITH CHECK (company_id = (SELECT current_company_id())
        AND status = 'pending' AND hold_id IS NULL AND award_expires_at IS NULL
        AND EXISTS (SELECT FROM bookings b
                    WHERE b.id = bids.booking_id AND b.company_id = bids.shipper_id AND b.status = 'open'));
ALTER POLICY bids_change ON bids
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND hold_id IS NULL AND award_expires_at IS NULL);
ALTER POLICY bid_history_read ON bid_history
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()));
ALTER POLICY bid_history_add ON bid_history
    WITH CHECK ((company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id())) AND EXISTS (
        SELECT FROM bids b WHERE b.id = bid_history.bid_id AND b.company_id = bid_history.company_id
                             AND b.shipper_id = bid_history.shipper_id));
ALTER POLICY bookings_add ON bookings
    WITH CHECK (company_id = (SELECT current_company_id()) AND status = 'draft' AND carrier_id IS NULL AND awarded_bid_id IS NULL);
ALTER POLICY bookings_change ON bookings
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND carrier_id IS NULL AND awarded_bid_id IS NULL);
ALTER POLICY booking_history_read ON booking_history
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY booking_history_add ON booking_history
    WITH CHECK (company_id = (SELECT current_company_id()) AND is_booking_of(booking_id, company_id));
ALTER POLICY companies_read ON companies
    USING (id = (SELECT current_company_id()) OR is_partner(id));
ALTER POLICY shipments_read ON shipments
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
ALTER POLICY shipments_change ON shipments
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()))
    WITH CHECK (carrier_id = (SELECT current_company_id()));
ALTER POLICY shipment_events_read ON shipment_events
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
ALTER POLICY shipment_events_add ON shipment_events
    WITH CHECK (carrier_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_events.shipment_id AND s.shipper_id = shipment_events.shipper_id
                                  AND s.carrier_id = shipment_events.carrier_id));
ALTER POLICY shipment_history_read ON shipment_history
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
ALTER POLICY shipment_history_add ON shipment_history
    WITH CHECK ((shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id())) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_history.shipment_id AND s.shipper_id = shipment_history.shipper_id
                                  AND s.carrier_id = shipment_history.carrier_id));
ALTER POLICY proofs_of_delivery_read ON proofs_of_delivery
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
ALTER POLICY proofs_of_delivery_add ON proofs_of_delivery
    WITH CHECK (carrier_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM shipments s
        WHERE s.id = proofs_of_delivery.shipment_id AND s.shipper_id = proofs_of_delivery.shipper_id
          AND s.carrier_id = proofs_of_delivery.carrier_id));

CREATE TRIGGER bids_keep_to_moves BEFORE UPDATE ON bids
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves('pending to withdrawn');
CREATE TRIGGER bookings_keep_to_moves BEFORE UPDATE ON bookings
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves('draft to draft', 'draft to open');
CREATE TRIGGER shipments_keep_to_moves BEFORE UPDATE ON shipments
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves(
        'planned to planned', 'planned to at_pickup', 'at_pickup to at_pickup', 'at_pickup to in_transit',
        'in_transit to in_transit', 'in_transit to at_dropoff', 'at_dropoff to at_dropoff', 'at_dropoff to delivered',
        'delivered to delivered');
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP TRIGGER bids_keep_to_moves ON bids;
DROP TRIGGER bookings_keep_to_moves ON bookings;
DROP TRIGGER shipments_keep_to_moves ON shipments;
ALTER POLICY users_read ON users
    USING (company_id = current_company_id());
ALTER POLICY users_add ON users
    WITH CHECK (company_id = current_company_id());
ALTER POLICY users_change ON users
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());
ALTER POLICY user_history_read ON user_history
    USING (company_id = current_company_id());
ALTER POLICY user_history_add ON user_history
    WITH CHECK (company_id = current_company_id() AND EXISTS (
        SELECT FROM users u WHERE u.id = user_history.user_id AND u.company_id = user_history.company_id));
ALTER POLICY teams_read ON teams
    USING (company_id = current_company_id());
ALTER POLICY teams_add ON teams
    WITH CHECK (company_id = current_company_id());
ALTER POLICY teams_change ON teams
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());
ALTER POLICY team_members_read ON team_members
    USING (company_id = current_company_id());
ALTER POLICY team_members_add ON team_members
    WITH CHECK (company_id = current_company_id()
        AND EXISTS (SELECT FROM teams t WHERE t.id = team_members.team_id AND t.company_id = team_members.company_id)
        AND EXISTS (SELECT FROM users u WHERE u.id = team_members.user_id AND u.company_id = team_members.company_id));
ALTER POLICY team_members_remove ON team_members
    USING (company_id = current_company_id());
ALTER POLICY sessions_read ON sessions
    USING (company_id = current_company_id());
ALTER POLICY sessions_change ON sessions
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());
ALTER POLICY bids_read ON bids
    USING (company_id = current_company_id() OR shipper_id = current_company_id());
ALTER POLICY bids_add ON bids
    WITH CHECK (company_id = current_company_id()
        AND status = 'pending' AND hold_id IS NULL AND award_expires_at IS NULL
        AND EXISTS (SELECT FROM bookings b
                    WHERE b.id = bids.booking_id AND b.company_id = bids.shipper_id AND b.status = 'open'));
ALTER POLICY bids_change ON bids
    USING (company_id = current_company_id() OR shipper_id = current_company_id())
    WITH CHECK (company_id = current_company_id() OR shipper_id = current_company_id());
ALTER POLICY bid_history_read ON bid_history
    USING (company_id = current_company_id() OR shipper_id = current_company_id());
ALTER POLICY bid_history_add ON bid_history
    WITH CHECK ((company_id = current_company_id() OR shipper_id = current_company_id()) AND EXISTS (
        SELECT FROM bids b WHERE b.id = bid_history.bid_id AND b.company_id = bid_history.company_id
                             AND b.shipper_id = bid_history.shipper_id));
ALTER POLICY bookings_add ON bookings
    WITH CHECK (company_id = current_company_id());
ALTER POLICY bookings_change ON bookings
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());
ALTER POLICY booking_history_read ON booking_history
    USING (company_id = current_company_id());
ALTER POLICY booking_history_add ON booking_history
    WITH CHECK (company_id = current_company_id() AND is_booking_of(booking_id, company_id));
ALTER POLICY companies_read ON companies
    USING (id = current_company_id() OR is_partner(id));
ALTER POLICY shipments_read ON shipments
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipments_change ON shipments
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id())
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipment_events_read ON shipment_events
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipment_events_add ON shipment_events
    WITH CHECK (carrier_id = current_company_id() AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_events.shipment_id AND s.shipper_id = shipment_events.shipper_id
                                  AND s.carrier_id = shipment_events.carrier_id));
ALTER POLICY shipment_history_read ON shipment_history
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipment_history_add ON shipment_history
    WITH CHECK ((shipper_id = current_company_id() OR carrier_id = current_company_id()) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_history.shipment_id AND s.shipper_id = shipment_history.shipper_id
                                  AND s.carrier_id = shipment_history.carrier_id));
ALTER POLICY proofs_of_delivery_read ON proofs_of_delivery
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY proofs_of_delivery_add ON proofs_of_delivery
    WITH CHECK (carrier_id = current_company_id() AND EXISTS (
        SELECT FROM shipments s
        WHERE s.id = proofs_of_delivery.shipment_id AND s.shipper_id = proofs_of_delivery.shipper_id
          AND s.carrier_id = proofs_of_delivery.carrier_id));
REVOKE UPDATE ON users FROM crossdock_app;
GRANT UPDATE ON users TO crossdock_app;
REVOKE UPDATE ON teams FROM crossdock_app;
GRANT UPDATE ON teams TO crossdock_app;
REVOKE UPDATE ON bookings FROM crossdock_app;
GRANT UPDATE ON bookings TO crossdock_app;
DROP FUNCTION keep_to_moves();
DROP FUNCTION is_carried_by(uuid, uuid);
DROP FUNCTION is_bid_of(uuid, uuid);
DROP FUNCTION is_account_of(uuid, uuid);
DROP FUNCTION is_colleague(uuid);
"""


MODELS_STATE = (
    "eJztXf9z2rgS/1c0/JLeDM00pKR9vJubIeBcuCbAAGnvXdNxFFsEXYxNbRPKu9f//UmyDf"
    "5KbALEmJ25mR6SVnY+a0m7n11J/5Q08oCV+XGPDE1ijQbGI9FLNfRPScdjwv4ntr6MSngy"
    "WdbyAhvfa0LAdFrKNm9qibb3lm1ixWa1Q6xZhBWpxFJMOrGpwZ9WqiOL6g8aeTu1CBKCZW"
    "TZhklUhC1EbQv1L+tvK9UzZOja/Jh3qhoK65VJrSk/1en3KWFv+UDsETFZL1+/sWKqq+QH"
    "sfjPryWLWBZ7Q5mqpW+8cvIoDynR1ABArJJViXLZnk9E2c1Nq3khWvI3vZcVQ5uO9WXryd"
    "wesX695tMpVY+5DK97IDoxsU1UH1z6VNNcfL0i5/1ZgW1OyeLF1WWBSoZ4qnHQS78Op7rC"
    "sUaKaVgWg+7x+JGYOtGOqWod62TG/sTf3Hf1yclyuzOQ+9JAlksRpfF3CunBLVIMnSuc6j"
    "bH8Z+fTr9LhERpiT+gcVnvvTk9+0VgYlj2gykqBX6ln0IQ29gRFTpZwq6YhIMkYzsKf5PV"
    "2HRM4lUQlAypQnVFj73/WUclXsFSJ8vv3gPXg2+3gA9a11J/UL/u8u7HlvVdE3jVBxKvqY"
    "jSeaj0jaMfgw1hZ4QvOkFfWoNLxH+ivzptKazFRbvBXyX+TnhqG7JuzGSs+jHxir0i1nSp"
    "ZjGYZWuE2eCNKroxwma8ksNyITUzuLYz1rao1tIY/5A1oj/YI/bz7P0KNX+u98TQOnsfUl"
    "3bramIqp8BqMmPCWWaW2NEBSVhROV6RLElcp1Z0ye2AQW74wb0u3n9KsZ4gvW5nM0uCUpt"
    "0j7Jr2qftT6WoPoswQygBqUAVAYqN6OHj/EWnfMJRgG+YIY8fdA/kbmAucVeBesKicHUdV"
    "Yay572E9hl6XKuNPFs4X2EhitDQCUasQUGPTaD9FqNQSnuA94AuP1lTwUFNzhsA+A26v1G"
    "vSmVxHd8j5XHGTZVOfBB8xqjYoRKFm2jVePKOFyCdfwg8OF/CH/tEPYxDrpPLcm+ufuXpf"
    "TKOzphfvWD/pbqzG9m/xGkkieqEAbbiDCpMdXmyBgKB9t1+x3v2zpGPfJkPDJtsErEnmIh"
    "bLMeFBJ13rf3mDQ+PrNrTFfT4OaDm79/01khjFYxCtmcp8eoOdnJD0qt5eLnzBEJ+vin79"
    "6lcPJZq0QvX9QFTVmmFaY4KwvOPpHigbx5IkXDli2v6WaHZWHeyvW8BZzZQajZ5FbmWuM5"
    "KAnM2T5omRmOVpyrnLxARiWLt06epDJGTlYYIydRYwTIyi2QlT6XNi2iPhGAE2jKV6Mp+X"
    "e4AWRv3G4KCqtvtOaKnWQ6aumDkWnYtsA3SlIGW5RXcpWsrUyZat3WKUnLC0w1onqEooWo"
    "jjAyjRkaGibC7IeiGFPdRu4vx7NFb+4eyfzulzIrUxGrphqajYguCEid/LCZGuaICvqRO2"
    "dREnN3j32e1AQOEzjM/ZrxCuE+sKGcxWdwmxcuMWkrpOWQTa9Tk8Swli3djsfXLxICmTqE"
    "8Z6NFfa+7J+3lZP3H95/PD17/1GsvKxoUfJhBfCt9iCE6b3GJlc2uYh1J+vMFBEGaiPPc9"
    "N0oq65BAUlYQnKnZojrurrGP8DgselGJNflK809G3WIvU+Ad67ih5MYzrhKQEYuS7mkYW4"
    "V2TF7Q1IJRNjVn8N+a/iL/sGxjYY2zDTwYIGat6Bmp/Y9Bybtpho9vskdmf1n+yJyS/+jW"
    "CZ7KN67TfjpL62/wThrPzMRBB/yU385fX8hWsyvhemdqzX4NY+6zvIY9EwtQvBbX6Hn+fS"
    "cQ5DTItY90A83cHWC8mE3YOvwRrwFMBT2J/5pRAmJKzJW0gx8c18aRH1iQCckLEDFuP+Wo"
    "zhmWADyHo0cUFh9U1+8Rk7kARVkCQogXqMR+NpI9mXEbGItE7MhLXlmyWHYr+kO2qP0WBE"
    "EHk7xlRb5BhRyzsKiXk0mjFjro2CLSJSjlido3ZkPLFyrGluV5TERlJ29NQ0+zaDExX3r8"
    "roa+meOSfgbIGztYcTXiGcLQjLHISaISxTgrDM/oRlrKmZFWKfCGzlSgUy4fZfFogXAoVL"
    "ga1U0+wpZ60S8RV1QXwnDKNMn/BCoHgf8GklTYpxJTnDuBLZs28oWMsE71Jid9NwyTl8dw"
    "cAV9MAXE0GuBoGmFtt8n8zfsIBoR3CfDNo7AbnzR8+8bdxL9vUzvYtB4SKN11sZb3TqEJ0"
    "hcj61AtTp545IpLFg7yaBvFqMuDVCN6mkfRNSwzICCca3J9v7Hqmzg50qd68brVrCKtjqt"
    "/q1/V2/XepV0MO02je6tJ196rzH0mqITKeaMackDBDl8o2SaOYSrJiKlHr2sb2NOE8oedV"
    "s5TOt3Iag9ZnBj1WbPpEbvX+Tb8rtZtSs4asqTUh7GlqPtQxwZY1M0xVHmFrlMleDAvmWS"
    "F52pwmzmzytiuveeRTUBw2U+WZ/XJiTeuQnEFJ0HKeteyFkiIqTo4W+UReEDLaH51myHCB"
    "LCzIc8lT9kDmPBc+tjeAbMqkjHzOAc+i6psAA5Cy56P2zdXVayZlXFKekDAvJeRmeNXl51"
    "I05JGvZYpMDWWE9QfibDzl8kcW4u4oPwnG8X1qaDYyyuLglzIamsa4jGwjLvviBT3BSdiQ"
    "QQGh9X0wO4eeCtO67QuBArrrm2dH+KwoP2FtmokfD0oVj63dPM7sC8+Msl8GPuYUIDPLw8"
    "i6b8AvA05qKMSwxsG/xT3wt5qKK62u4EqrsEMatg/tB5xAq8CBv/mFNWmvy2tv4j+nQWrA"
    "V1xexaPcMy88NX+CTZMKsmNiUoU4B+qie0Nc+3WM7txP7o5vK+Hn5rrt/43urBGdTIh5J4"
    "pdAdaNK1AWPfGqiaFRJWHHy46fnoancfsK7XyJ3w/jvsTKUp+kU7uIyGPxhfhuKvnGh+7y"
    "2/C/Cn9N1tL0bphz33wxzqkqc63Lhk7kGdV1Z7x6w7gkpNm3wH+gL5dST3I5LdRqozdH4k"
    "2IelRGR1hRyISN8KNfnJkk/nUif1fql9PoE8nyajz2z1XLXy3+LYFJAyZtvxakQjBpsBfp"
    "INQMe5FKm9yLdBDZfDx1r9X+vYbcxftWr3+p90Q2n7uGs5JGQ+oORJG7lt/qTalx1WrzMp"
    "UoGtV5Gf/Cm736l3YNzag9Upnhrt/qPekPqSGkTfI3UYS09Ge31eNFjkWVk3xBPOYXU8hj"
    "qhsxntg5fUgcR2HJIp2y/q9K5fT0Q+Xd6dnH6vsPH6of3y0GVrRq1Qg7b/3OB1lAHdFRp0"
    "xNk+hKpgsE/DJ5Hm3rpmqmSdRMTtOMpMVS5XE6kYmNs1oDQUmwBnJtDURc1ozKjpOHPM08"
    "a3xksL8hmyftE4EQWOhSkACFkj7x1S8FAQUIem0f1CCJmRbUoBSAujr05Y7rDQRozpc97S"
    "ewKXJf/XNgitAXxBW3GFd0xzmAmwLc4JyYtwDjirxtX235mXBj1qxtJnJkiTgPcfOuY5Or"
    "+e95XNwws3yqyB9VIUEbwkp7OxMVwt8UucAvY8lDXeQ4dRCY8mBO88v0Huggz5QtqB2yrC"
    "HLekso7iDLemkopmbw6AYY0T0yO4C9A/auEKCuYu/iwM3O3Dm97Cegz7N2i3kPGLuNAguM"
    "3YEydi7RH0fXLWMAK7g6p1Hq7QGagVVkj7CNMHJhQTPM8HRT8VWepO8k5TO47sQFFHeuDy"
    "M7o58VmgRZxEazEdUIojbP5nfb8NMVNPYFmXEs324fvv61GMHSpQ+6qF+8Y3JpVGpViZs0"
    "wyx3dS52DgBbCWzlfs3ChWArIQn+INQMSfAlSILPBm6p2atfDGpINfHQvtU7XaldQ8aE6H"
    "Fcb6PzWRLMrMKv7HKY3quWW8aMT+qWNurthnR1JVpybDQtv7yua6K4N5Zl4SOjknlW9Lr5"
    "19s4KtdFTotbji6YNZ0wWQXFQmAPudwewr0C3Wbn5vxKQt2e1Gj1W512cMERlcIk/65Rz+"
    "urXyVAHbcqpIA6dmkAqFdBvXB2MlpaMeJgbuXa3FJNY2IMh+usHTGisHikWzw86LKuHiE5"
    "mNPSzGkL0DKuHyE5ADsL2OqUrHOqfEQalo9cLx8zQh9GtvwYk1if6K8HZIq003ZjTjv5Pq"
    "WTMdFjxk86vz3QQZ4XZbaAMl/9CTNX/bzzpzzo3TQ+1dC98UO2zanyyNzwm96g3mr3W01+"
    "g5AyNW2GukVVfo1QT5IueKlJyJD/vriqD865cz5k6+N9bpxzftqSrBCq8T0Va2xOT+igSC"
    "MH9qi/upm72T3qwchglrBYVBKyDkNfbyCYmTqLKyAFmEJmHJw+mt+0mMw5R+7w3im4+ZwJ"
    "nsc2MBPmMeVo1UbBYItyigSkzBsGFyd8vmDT4Dp9rHdkKKTjQDrOfs3+hWB+Dmvz4KFnGB"
    "zQhsFDVzVsEoRNgvu2SRCO+gJKJLegwqlUcCpV3sFNxTe9DifigR9Dhvj0ksyCOH8aJan3"
    "YdlEx7p9jPrG0H7r3nNfQ9S2kEukoBG2kG1wamOOeK4bf1QcC/KCnp7nQoD3AN5jv2ahQv"
    "AesA3pINQM25BKm8xoEv9GsEx2gb32eWaK1vSAK6k84MoKD7gS9YCZZRyz6qej5jzZPGNd"
    "6l+2ul2e7OVuTuecWq/XEklhTjyPZ5ANLnnymD261btX9cFFp3ddQxMN20PDHOeDXXOtwH"
    "VyYwOScJJ/3laPiJv/Ou5S1zSMYWfYdMjnWLcp3KS8yn2a8MaWbAxl1d/+WT/qy4i5NczL"
    "JurifsgHw1Ctsjg6gv8csq+BmBP2UdjIGIoiV4B9LFOevXqMOjpB/CgKPupFScTL2uJznv"
    "fBAnc2erIpr2mMAssvbRTYu4O6VPbd1wiXL25lagGHD+by1Z6AM1fI95myhQNCeTas8mTE"
    "etOxbI1wpXqWBe8Y0QKifvY+Behn7xMx51UQ7C1wbnbePt/NgOo3rDKgGhIDWOHg0p0HeO"
    "EoyA0fBfnaOe/7Cm6qpPe4SXcD6PZ9XRUU3tBak6sA+gL+GCrIr5pkDsj761KH0N1cDcT8"
    "fR7tnuH5Mbpz76q846eCchJGI+oDMY8s72YGBizWrSExnXNIJ3huCUqHxrA+23lEmg0IwV"
    "lq1bGjAXLIl72SghtaAM4pIZmzQ4m8EPpyKfUk5CTXol9/Q0eLDNMj4Ixex8YCzujAOSNI"
    "EjgINUOSQAnOKs0Gbql7VW+La6UmGtbFrVL1gdxtNT7ddGsI27JzhN6t3mrLg1693W8Nao"
    "iyP4YbLtQWrZu9TrdzcSGauycmJW48uer0xa4TzbCSNqKEjatX2nYyNqbMfl7jfJSwJByM"
    "EqMTOBhlTc59wwejuB5KFuPbJwJ0WwhODVu2TJ64553d1ooIQ1JNnq0tuApugwMHtsxB9G"
    "8/QIUwFYSp8kb1Q5gqL2Eq2EG7xR20cO3mBq7dfN2gn/T0TOTPaVBOE/5zfKWUQcC+MSb2"
    "SMTceKhtxLonPOfa0EVkbobnNX7VoE0mXlL238bU1Mm8zK8KxDqiukJV9jx0T/h5v7FhwG"
    "09JG0g0BfyhaPIINq2f9NbIYgBoZeIglOeS+XK5pm5LPGdbp+lpuyPFDA76Ul8oIuIQVPq"
    "1nsD1sxro5IJNvlX7LXw9bOMISw7WsQSup1+a9DqtGuIqYryt+C9D6S2U6iyNU53Ss97Uv"
    "1Ts/OFld6zIfOoGjNWyk/FkvuXnR57Tv26/jsPN/ADsmRrZJjsOXjMF61bXRz3Lnd6TR63"
    "EAjciGiFOPtdNkyVBzGY2m15aq0XpzhNd3nLirtbwgSuoQjCe51JJSQKs0quZ5Wsd/PAnT"
    "zLSl608pqYrHfxwB08GcCFTR1A6+YeVNjUAWx5nkEFthzY8ryDC5s6Dn5Tx4qrIsJNyqk4"
    "3oyXRXhyL7otYr1OgKQFkhZI2n2hUw7rvgjI8j74eyTgE4D7JeB+iULcLwEEIBCA+wQrEI"
    "BAAOaJRAECEAjAfYQ3zwRgnZhUGZVieD+3pryK7sPLNs+RfMmobviOksQNvrGLUsy2XleF"
    "L+PYtmmpbmS/fDKTlngcQbIrkHweQa6c6TWdgUq1msZ7rVaT3VdeF/Jf2aDKgLDbvIDonq"
    "RytU5WuFonMa6Wodux69Mf/U47wc9aioQ5YKrY6H9Io9Yer1Jx4HIwAsSvh+mb6/qfYbgb"
    "V53zsI3LOziPM3J3uZj9/D880qgR"
)
