"""What a company adds must hang on a row of its own: history on its own deal, a bid on an open booking of that shipper,
events and proofs on the shipment that it carries. And a company sees the companies that it deals with.

Policies only: no table is rewritten or scanned, and the release before this one works on with them.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {"looser-policy": "a company sees more companies on purpose: those that it has a deal with, and to each its own row"}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER POLICY booking_history_add ON booking_history
    WITH CHECK (company_id = current_company_id() AND EXISTS (
        SELECT FROM bookings b WHERE b.id = booking_history.booking_id AND b.company_id = booking_history.company_id));
-- A bid begins as an offer for a booking that is open to the carrier, with the party whose booking it is.
ALTER POLICY bids_add ON bids
    WITH CHECK (company_id = current_company_id()
        AND status = 'pending' AND hold_id IS NULL AND award_expires_at IS NULL
        AND EXISTS (SELECT FROM bookings b
                    WHERE b.id = bids.booking_id AND b.company_id = bids.shipper_id AND b.status = 'open'));
ALTER POLICY bid_history_add ON bid_history
    WITH CHECK ((company_id = current_company_id() OR shipper_id = current_company_id()) AND EXISTS (
        SELECT FROM bids b WHERE b.id = bid_history.bid_id AND b.company_id = bid_history.company_id
                             AND b.shipper_id = bid_history.shipper_id));
ALTER POLICY shipment_events_add ON shipment_events
    WITH CHECK (carrier_id = current_company_id() AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_events.shipment_id AND s.shipper_id = shipment_events.shipper_id
                                  AND s.carrier_id = shipment_events.carrier_id));
ALTER POLICY shipment_history_add ON shipment_history
    WITH CHECK ((shipper_id = current_company_id() OR carrier_id = current_company_id()) AND EXISTS (
        SELECT FROM shipments s WHERE s.id = shipment_history.shipment_id AND s.shipper_id = shipment_history.shipper_id
                                  AND s.carrier_id = shipment_history.carrier_id));
ALTER POLICY proofs_of_delivery_add ON proofs_of_delivery
    WITH CHECK (carrier_id = current_company_id() AND EXISTS (
        SELECT FROM shipments s
        WHERE s.id = proofs_of_delivery.shipment_id AND s.shipper_id = proofs_of_delivery.shipper_id
          AND s.carrier_id = proofs_of_delivery.carrier_id));
ALTER POLICY user_history_add ON user_history
    WITH CHECK (company_id = current_company_id() AND EXISTS (
        SELECT FROM users u WHERE u.id = user_history.user_id AND u.company_id = user_history.company_id));
ALTER POLICY team_members_add ON team_members
    WITH CHECK (company_id = current_company_id()
        AND EXISTS (SELECT FROM teams t WHERE t.id = team_members.team_id AND t.company_id = team_members.company_id)
        AND EXISTS (SELECT FROM users u WHERE u.id = team_members.user_id AND u.company_id = team_members.company_id));
-- Also the parties of whatever booking, bid or shipment the tenant sees: by these tables' own policies.
-- OFFSET 0: else the planner reads all of a tenant's rows into a hash, once for each company.
ALTER POLICY companies_read ON companies
    USING (id = current_company_id()
        OR (current_company_carries() AND EXISTS (
            SELECT FROM bookings b
            WHERE b.company_id = companies.id AND b.status = 'open' ORDER BY b.id OFFSET 0))
        OR EXISTS (SELECT FROM bookings b
                   WHERE b.company_id = companies.id AND b.carrier_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bookings b
                   WHERE b.carrier_id = companies.id AND b.company_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bids b
                   WHERE b.company_id = companies.id AND b.shipper_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bids b
                   WHERE b.shipper_id = companies.id AND b.company_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM shipments s
                   WHERE s.shipper_id = companies.id AND s.carrier_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM shipments s
                   WHERE s.carrier_id = companies.id AND s.shipper_id = current_company_id() OFFSET 0));
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER POLICY companies_read ON companies USING (id = current_company_id());
ALTER POLICY team_members_add ON team_members WITH CHECK (company_id = current_company_id());
ALTER POLICY user_history_add ON user_history WITH CHECK (company_id = current_company_id());
ALTER POLICY proofs_of_delivery_add ON proofs_of_delivery
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipment_history_add ON shipment_history
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY shipment_events_add ON shipment_events
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());
ALTER POLICY bid_history_add ON bid_history
    WITH CHECK (company_id = current_company_id() OR shipper_id = current_company_id());
ALTER POLICY bids_add ON bids WITH CHECK (company_id = current_company_id());
ALTER POLICY booking_history_add ON booking_history WITH CHECK (company_id = current_company_id());
"""


MODELS_STATE = (
    "eJztXf9z2rgS/1c0/JLeDM00pKR9vJubIeA0XBNggLT3ruk4ii2CLsbmbBPKu9f//UmyDf"
    "5KbALEmJ25mR6SVnY+a0m7n11J/5Q08oCV+XGPDE1ijQbGI9FLNfRPScdjwv4ntr6MSngy"
    "WdbyAhvfa0LAdFrKNm9qibb3lm1ixWa1Q6xZhBWpxFJMOrGpwZ9WqiOL6g8aeTu1CBKCZW"
    "TZhklUhC1EbQv1L+tvK9UzZOja/Jh3qhoK65VJrSk/1enfU8Le8oHYI2KyXr59Z8VUV8kP"
    "YvGf30oWsSz2hjJVS9955eRRHlKiqQGAWCWrEuWyPZ+IspubVvNCtORvei8rhjYd68vWk7"
    "k9Yv16zadTqh5zGV73QHRiYpuoPrj0qaa5+HpFzvuzAtucksWLq8sClQzxVOOgl34dTnWF"
    "Y40U07AsBt3j8SMxdaIdU9U61smM/Ym/ue/qk5Pldmcg96WBLJciSuPvFNKDW6QYOlc41W"
    "2O4z8/nX6XCInSEn9A47Lee3N69ovAxLDsB1NUCvxKP4UgtrEjKnSyhF0xCQdJxnYU/iar"
    "semYxKsgKBlSheqKHnv/s45KvIKlTpbfvQeuB99uAR+0rqX+oH7d5d2PLetvTeBVH0i8pi"
    "JK56HSN45+DDaEnRG+6AR9bQ0uEf+J/uy0pbAWF+0Gf5b4O+Gpbci6MZOx6sfEK/aKWNOl"
    "msVglq0RZoM3qujGCJvxSg7LhdTM4NrOWNuiWktj/EPWiP5gj9jPs/cr1Pyl3hND6+x9SH"
    "Vtt6Yiqn4GoCY/JpRpbo0RFZSEEZXrEcWWyHVmTZ/YBhTsjhvQ7+b1qxjjCdbncja7JCi1"
    "Sfskv6p91vpYguqzBDOAGpQCUBmo3IwePsZbdM4nGAX4ghny9EH/TOYC5hZ7FawrJAZT11"
    "lpLHvaT2CXpcu50sSzhfcRGq4MAZVoxBYY9NgM0ms1BqW4D3gD4PaXPRUU3OCwDYDbqPcb"
    "9aZUEt/xPVYeZ9hU5cAHzWuMihEqWbSNVo0r43AJ1vGDwIf/Ify1Q9jHOOg+tST75u5flt"
    "Ir7+iE+dUP+luqM7+Z/UeQSp6oQhhsI8KkxlSbI2MoHGzX7Xe8b+sY9ciT8ci0wSoRe4qF"
    "sM16UEjUed/eY9L4+MyuMV1Ng5sPbv7+TWeFMFrFKGRznh6j5mQnPyi1loufM0ck6OOfvn"
    "uXwslnrRK9fFEXNGWZVpjirCw4+0SKB/LmiRQNW7a8ppsdloV5K9fzFnBmB6Fmk1uZa43n"
    "oCQwZ/ugZWY4WnGucvICGZUs3jp5ksoYOVlhjJxEjREgK7dAVvpc2rSI+kQATqApX42m5N"
    "/hBpC9cbspKKy+0ZordpLpqKUPRqZh2wLfKEkZbFFeyVWytjJlqnVbpyQtLzDViOoRihai"
    "OsLINGZoaJgIsx+KYkx1G7m/HM8Wvbl7JPO7X8qsTEWsmmpoNiK6ICB18sNmapgjKuhH7p"
    "xFSczdPfZ5UhM4TOAw92vGK4T7wIZyFp/BbV64xKStkJZDNr1OTRLDWrZ0Ox5fv0gIZOoQ"
    "xns2Vtj7sn/eVk7ef3j/8fTs/Uex8rKiRcmHFcC32oMQpvcam1zZ5CLWnawzU0QYqI08z0"
    "3TibrmEhSUhCUod2qOuKqvY/wPCB6XYkx+Ub7S0LdZi9T7BHjvKnowjemEpwRg5LqYRxbi"
    "XpEVtzcglUyMWf0t5L+Kv+w7GNtgbMNMBwsaqHkHan5i03Ns2mKi2e+T2J3Vf7InJr/4N4"
    "Jlso/qtd+Mk/ra/hOEs/IzE0H8JTfxl9fzF67J+F6Y2rFeg1v7rO8gj0XD1C4Et/kdfp5L"
    "xzkMMS1i3QPxdAdbLyQTdg++BWvAUwBPYX/ml0KYkLAmbyHFxDfzpUXUJwJwQsYOWIz7az"
    "GGZ4INIOvRxAWF1Tf5xWfsQBJUQZKgBOoxHo2njWRfRsQi0joxE9aWb5Yciv2S7qg9RoMR"
    "QeTtGFNtkWNELe8oJObRaMaMuTYKtohIOWJ1jtqR8cTKsaa5XVESG0nZ0VPT7NsMTlTcvy"
    "qjb6V75pyAswXO1h5OeIVwtiAscxBqhrBMCcIy+xOWsaZmVoh9IrCVKxXIhNt/WSBeCBQu"
    "BbZSTbOnnLVKxFfUBfGdMIwyfcILgeJ9wKeVNCnGleQM40pkz76hYC0TvEuJ3U3DJefw3R"
    "0AXE0DcDUZ4GoYYG61yf/N+AkHhHYI882gsRucN3/4xF/GvWxTO9u3HBAq3nSxlfVOowrR"
    "FSLrUy9MnXrmiEgWD/JqGsSryYBXI3ibRtI3LTEgI5xocH++seuZOjvQpXrzutWuIayOqX"
    "6rX9fb9U9Sr4YcptG81aXr7lXnP5JUQ2Q80Yw5IWGGLpVtkkYxlWTFVKLWtY3tacJ5Qs+r"
    "Zimdb+U0Bq0vDHqs2PSJ3Or9m35XajelZg1ZU2tC2NPUfKhjgi1rZpiqPMLWKJO9GBbMs0"
    "LytDlNnNnkbVde88inoDhspsoz++XEmtYhOYOSoOU8a9kLJUVUnBwt8om8IGS0PzrNkOEC"
    "WViQ55Kn7IHMeS58bG8A2ZRJGfmcA55F1TcBBiBlz0ftm6ur10zKuKQ8IWFeSsjN8KrLz6"
    "VoyCNfyxSZGsoI6w/E2XjK5Y8sxN1RfhKM4/vU0GxklMXBL2U0NI1xGdlGXPbFC3qCk7Ah"
    "gwJC6/tgdg49FaZ12xcCBXTXN8+O8FlRfsLaNBM/HpQqHlu7eZzZF54ZZb8MfMwpQGaWh5"
    "F134BfBpzUUIhhjYN/i3vgbzUVV1pdwZVWYYc0bB/aDziBVoEDf/MLa9Jel9fexH9Og9SA"
    "r7i8ike5Z154av4EmyYVZMfEpApxDtRF94a49usY3bmf3B3fVsLPzXXb/xvdWSM6mRDzTh"
    "S7AqwbV6AseuJVE0OjSsKOlx0/PQ1P4/YV2vkSvx/GfYlw6SLmjsU34LuL5DsfnEvt+x/G"
    "X4S1NL075Nx3W4xkqspcr7KhE3lGdd0Zkd5ALQlppm3+A329lHqSy1qhVhu9ORJvQtSjMj"
    "rCikImbAwf/eLMFfGvUw7MNlleTqNPJMur8eg+Vx5/tfi3BK4MuLL9WnIKwZXBbqODUDPs"
    "NiptcrfRQeTr8eS8VvtTDbmL961e/1rviXw9dw1nJY2G1B2IInctv9WbUuOq1eZlKlE0qv"
    "My/oU3e/Wv7RqaUXukMtNcv9V70u9SQ0ib5C+iCGnpj26rx4sciyonGYF4zK+ekMdUN2J8"
    "rXP6kDiOwpJFOkf9X5XK6emHyrvTs4/V9x8+VD++WwysaNWqEXbe+sQHWUAd0VGnTE2T6E"
    "qmKwL8MnkebesmY6ZJxUxOxIwkvlLlcTqRiY2zWgNBSbAGcm0NRFzWjMqOk4dMzDxrfGSw"
    "vyGbJ+0TgSBX6NqPAIWSPrXVLwUhAwhrbR/UIHmZFtSgFIC6OrjljusNhGDOlz3tJ7Apsl"
    "v9c2CK4BZEDrcYOXTHOYCbAtzgnJi3EOKKzGxfbfmZgGLWvGwmcmSJOA9xM6tj06f573lc"
    "ZDCzfKrYHlUhBRvCSns7ExXC3xTZvi9jyUNd5Dg5EJjyYNbyy/Qe6CDPlC2oHfKoIY96Sy"
    "juII96aSimZvDoBhjRPTI7gL0D9q4QoK5i7+LAzc7cOb3sJ6DPs3aLeQ8Yu40CC4zdgTJ2"
    "LtEfR9ctYwAruDqnUeoNAJqBVWSPsI0wcmFBM8zwdJPtVZ6G76TdM7juxBUTd64PIzujnx"
    "WaBFnERrMR1QiiNs/Xd9vw8xM09gWZcSzfbh++/sUXy3fwly590WiJm/TCLG91LjL/gW0E"
    "tnG/ZtFCsI2QxH4QaoYk9hIksWcDt9Ts1S8GNaSaeGjf6p2u1K4hY0L0OK620fkiCWZV4Z"
    "dqOUztVcstY8YjdUsb9XZDuroSLTk2mpZfXtY1Udw7xbLwiVHJPCt63fzpbRxm6yKnxS1H"
    "F8waTpisgmIhsIdcbg/hXoFus3NzfiWhbk9qtPqtTju44IhKXsQKqOe11a8SoI5bFVJAHb"
    "s0ANSroF44OxktrRhxMLdybW6ppjExhsN11o4YUVg80i0eHnRZV4+QHMxpaea0BWgZ14+Q"
    "HICdBWx1StY59z0iDctHrpePGaEPI1t+jEmMT/TXAzJF2im7Maed/D2lkzHRY8ZPOr890E"
    "GeF2W2gDJf/QkzV/2884c86N00PtfQvfFDts2p8sjc8JveoN5q91tNfsePMjVthrpFVX7R"
    "T0+SLnipSciQ/764qg/OuXM+ZOvjfW6cc34ekqwQqvE9EWtsLk/ooEgjB/aYv7qZu9k95s"
    "HIXpawWFQSsgZDX28ghJk6CysgBZhCZhucD5rftJbMOUPu8N4puPmcCZ7HNjAT5jFlaNVG"
    "v2CLcooEoswb/hZncL5g0986fax3qCek40A6zn7N/oVgfg5r89+hZxgc0Ia/Q1c1bPKDTX"
    "77tskPjuoCSiS3oMKpUnCqVN7BTcU3vQ4n4oEfQ4b49JLMgjh/GiWp91HZRMe6fYz6xtB+"
    "695EX0PUtpBLpKARtpBtcGpjjniuG39UHAvygp6e50KA9wDeY79moULwHrAN6SDUDNuQSp"
    "vMaBL/RrBMdoG99nlmitb0gCupPODKCg+4EvWAmWUcs+qno+Y82TxjXepftrpdnuzlbi7n"
    "nFqv1xJJYU48j2eQDS558pg9utW7V/XBRad3XUMTDdtDwxzng11zrcB1cmMDknASf95Wj4"
    "ib/zruUtc0jGFn2HTI51i3KdykvMp9mvDGlmwMZdXf/lk/6uuIuTXMyybq4gbHB8NQrbI4"
    "+oH/HLKvgZgT9lHYyBiKIleAfSxTnr16jDo6QfwoCT7qRUnEy9ric573wQJ3LnqyKa9ZjA"
    "LLL10U2LuDulT23bcIlyduZWoBhw/m8tWegDNXyPeZsoUDQnk2rPJkxHrTsWyNcKV6lgXv"
    "GNECon72PgXoZ+8TMedVEOwtcG523j7fzYDqN6wyoBoSA1jh4NGdB3jhKMcNH+X42jnv+w"
    "puqqT3uEl3A+j2fV0VFN7QWpOrAPoC/hgqyK+aZA7I++tSh9DdXA3E/H0e7Z7h+TG6c++a"
    "vOOnenISRiPqAzGPLO9mBQYs1q0hMZ1zRCd4bglKh8awPtt5RJoNCMFZatWxogFyyJe9ko"
    "IbWgDOKSGZs0OJvBD6ein1JOQk16Jff0NHiwzTI+CMXsfGAs7owDkjSBI4CDVDkkAJzirN"
    "Bm6pe1Vvi2uhJhrWxa1Q9YHcbTU+33RrCNuyc4Terd5qy4Nevd1vDWqIsj+GGy7UFq2bvU"
    "63c3EhmrsnJiVuPLnq9MWuE82wkjaihI2rV9p2MjamzH5e43yUsCQcjBKjEzgYZU3OfcMH"
    "o7geShbj2ycCdFsITg1btkyeuOed3daKCENSTZ6tLbjKbYMDB7bMQfRvP0CFMBWEqfJG9U"
    "OYKi9hKthBu8UdtHBt5gauzXzdoJ/09Ezkz2lQThP+c3yllEHAvjEm9kjE3HiobcS6Jzzn"
    "2tBFZG6G5zV+VaBNJl5S9l/G1NTJvMyv+sM6orpCVfY8dE/4eb+xYcBtPSRtINAX8oWjyC"
    "Datn/TWyGIAaGXiIJTnkvlyuaZuSzxnW5fpKbsjxQwO+lJfKCLiEFT6tZ7A9bMa6OSCTb5"
    "V+y18PWzjCEsO1rEErqdfmvQ6rRriKmK8rfgvQ+ktlOosjVOd0rPe1L9c7PzlZXesyHzqB"
    "ozVspPxZL7l50ee079uv6Jhxv4AVmyNTJM9hw85ovWrS6Oe5c7vSaPWwgEbkS0Qpz9Lhum"
    "yoMYTO22PLXWi1Ocpru8ZcXdLWEC11AE4b3OpBIShVkl17NK1rt54E6eZSUvWnlNTNa7eO"
    "AOngzgwqYOoHVzDyps6gC2PM+gAlsObHnewYVNHQe/qWPFVRHhJuVUHG/GyyI8uRfdFrFe"
    "J0DSAkkLJO2+0CmHdV8EZHkf/D0S8AnA/RJwv0Qh7pcAAhAIwH2CFQhAIADzRKIAAQgE4D"
    "7Cm2cCsE5MqoxKMbyfW1NeRffhZZvnSL5kVDd8R0niBt/YRSlmW6+rwpdxbNu0VDeyXz6Z"
    "SUs8jiDZFUg+jyBXzvSazkClWk3jvVarye4rrwv5r2xQZUDYbV5AdE9SuVonK1ytkxhXy9"
    "Dt2PXp936nneBnLUXCHDBVbPQ/pFFrj1epOHA5GAHi18P0zXX9jzDcjavOedjG5R2cxxm5"
    "u1zMfv4f0myKBg=="
)
