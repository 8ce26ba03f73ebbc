-- The rules of shipments that no ORM's models can state: which rows a tenant may see and write.

-- Both parties see a shipment. It is inserted with the platform's rights when the carrier accepts.
ALTER TABLE shipments ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON shipments TO crossdock_app;
GRANT UPDATE (status, last_event_at, updated_at, version) ON shipments TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipments TO crossdock_platform;
CREATE POLICY shipments_platform ON shipments TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipments_read ON shipments FOR SELECT TO crossdock_app
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
-- The carrier may report its journey and prove the delivery. Ending the deal needs the platform's rights.
CREATE POLICY shipments_change ON shipments FOR UPDATE TO crossdock_app
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()))
    WITH CHECK (carrier_id = (SELECT current_company_id()));
CREATE TRIGGER shipments_keep_to_moves BEFORE UPDATE ON shipments
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves(
        'planned to planned', 'planned to at_pickup', 'at_pickup to at_pickup', 'at_pickup to in_transit',
        'in_transit to in_transit', 'in_transit to at_dropoff', 'at_dropoff to at_dropoff', 'at_dropoff to delivered',
        'delivered to delivered');

ALTER TABLE shipment_events ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON shipment_events TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_events TO crossdock_platform;
CREATE POLICY shipment_events_platform ON shipment_events TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipment_events_read ON shipment_events FOR SELECT TO crossdock_app
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
CREATE POLICY shipment_events_add ON shipment_events FOR INSERT TO crossdock_app
    WITH CHECK (carrier_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_events.shipment_id AND s.shipper_id = shipment_events.shipper_id
                                  AND s.carrier_id = shipment_events.carrier_id));

ALTER TABLE shipment_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON shipment_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_history TO crossdock_platform;
CREATE POLICY shipment_history_platform ON shipment_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipment_history_read ON shipment_history FOR SELECT TO crossdock_app
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
CREATE POLICY shipment_history_add ON shipment_history FOR INSERT TO crossdock_app
    WITH CHECK ((shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id())) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_history.shipment_id AND s.shipper_id = shipment_history.shipper_id
                                  AND s.carrier_id = shipment_history.carrier_id));

ALTER TABLE proofs_of_delivery ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON proofs_of_delivery TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON proofs_of_delivery TO crossdock_platform;
CREATE POLICY proofs_of_delivery_platform ON proofs_of_delivery TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY proofs_of_delivery_read ON proofs_of_delivery FOR SELECT TO crossdock_app
    USING (shipper_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id()));
CREATE POLICY proofs_of_delivery_add ON proofs_of_delivery FOR INSERT TO crossdock_app
    WITH CHECK (carrier_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM shipments s
        WHERE s.id = proofs_of_delivery.shipment_id AND s.shipper_id = proofs_of_delivery.shipper_id
          AND s.carrier_id = proofs_of_delivery.carrier_id));

-- The carrier may add events about its journey.
CREATE FUNCTION is_carried_by(shipment uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM shipments s WHERE s.id = shipment AND s.carrier_id = company);
END $$;
CREATE POLICY outbox_add_shipments ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'shipments.') AND company_id = (SELECT current_company_id())
        AND is_carried_by(subject_id, company_id));
