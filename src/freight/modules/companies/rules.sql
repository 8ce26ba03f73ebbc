-- What neither ORM's models say of the companies: who sees and writes which rows.

-- A company sees the companies that it deals with. Every deal begins with a bid; and to a carrier, whoever has an open
-- booking is one to deal with. A function: as part of the policy these ways would be planned and set up for each
-- query, also where the row is the company's own. One statement for each way, the likely one first: in one, all three
-- would be set up at each call. Each follows an index, whoever asks and whoever is asked about: BETWEEN and the order
-- keep the open bookings to it, and a plan that serves all keeps it from being planned at each call.
-- The cost is told so that it is asked of the rows that are wanted, and not of all companies.
CREATE FUNCTION is_partner(company uuid) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000
    SET plan_cache_mode = 'force_generic_plan' AS $$
DECLARE
    me CONSTANT uuid := current_company_id();
BEGIN
    IF current_company_carries() THEN
        IF EXISTS (SELECT FROM bids b WHERE b.shipper_id = company AND b.company_id = me) THEN RETURN true; END IF;
        IF EXISTS (SELECT FROM bookings b WHERE b.company_id BETWEEN company AND company AND b.status = 'open'
                   ORDER BY b.company_id, b.id OFFSET 0) THEN RETURN true; END IF;
    END IF;
    IF EXISTS (SELECT FROM bids b WHERE b.shipper_id = me AND b.company_id = company) THEN RETURN true; END IF;
    RETURN EXISTS (SELECT FROM bids b WHERE b.shipper_id = company AND b.company_id = me);
END $$;

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON companies TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON companies TO crossdock_platform;
CREATE POLICY companies_platform ON companies TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY companies_read ON companies FOR SELECT TO crossdock_app
    USING (id = (SELECT current_company_id()) OR is_partner(id));
