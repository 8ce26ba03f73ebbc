"""Whoever is signed in is asked for it in the unit of work itself; partners, and whose booking it is, by functions.

Three functions and three policies: no table is rewritten or scanned, and the release before this one works on with them.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {"looser-policy": "the same rows as before, found by functions instead of subqueries, as the tests of the policies show"}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
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
ALTER POLICY companies_read ON companies USING (id = current_company_id() OR is_partner(id));

-- In coalesce and in SELECTs, so that a plan is the same whoever it is made for: the planner would take a tenant's share of
-- the rows for everybody's, and that of nobody where the tenant comes with the statement.
ALTER POLICY bookings_read ON bookings
    USING (coalesce(company_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id())
                    OR (status = 'open' AND (SELECT current_company_carries())), false));

-- Volatile on purpose: so it sees a booking that the same statement has added, as an EXISTS in the policy would not.
CREATE FUNCTION is_booking_of(booking uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM bookings b WHERE b.id = booking AND b.company_id = company);
END $$;
ALTER POLICY booking_history_add ON booking_history
    WITH CHECK (company_id = current_company_id() AND is_booking_of(booking_id, company_id));

-- Asked in each unit of work of somebody who is signed in, in a round trip that is paid anyhow: what was taken from
-- them since counts at once. The last condition: a connection that is set to another company answers nothing.
CREATE FUNCTION require_session(
    session_id uuid, user_id uuid, company_id uuid, role text, kind text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
BEGIN
    PERFORM FROM sessions s
        JOIN users u ON u.id = s.user_id
        JOIN companies c ON c.id = s.company_id
        WHERE s.id = session_id AND s.user_id = user_id AND s.company_id = company_id
          AND s.revoked_at IS NULL AND s.expires_at > at
          AND u.status = 'active' AND u.deleted_at IS NULL AND u.role = role
          AND c.deleted_at IS NULL AND c.kind = kind
          AND coalesce(current_company_id(), company_id) = company_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the session % does not hold', session_id USING ERRCODE = 'CD401';
    END IF;
    RETURN true;
END $$;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER POLICY booking_history_add ON booking_history
    WITH CHECK (company_id = current_company_id() AND EXISTS (
        SELECT FROM bookings b WHERE b.id = booking_history.booking_id AND b.company_id = booking_history.company_id));
DROP FUNCTION is_booking_of(uuid, uuid);
ALTER POLICY bookings_read ON bookings
    USING (company_id = current_company_id() OR carrier_id = current_company_id()
           OR (status = 'open' AND current_company_carries()));
DROP FUNCTION require_session(uuid, uuid, uuid, text, text, timestamptz);
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
DROP FUNCTION is_partner(uuid);
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
    "S7AqwbV6AseuJVE0OjSsKOlx0/PQ1P4/YV2vkSvx/GfYmVpT5Jp3YRkcfiC/HdVPKdD93l"
    "t+F/Ff6arKXp3TDnvvlinFNV5lqXDZ3IM6rrznj1hnFJSLNvgf9AXy+lnuRyWqjVRm+OxJ"
    "sQ9aiMjrCikAkb4Ue/ODNJ/OtE/q7UL6fRJ5Ll1Xjsn6uWv1r8WwKTBkzafi1IhWDSYC/S"
    "QagZ9iKVNrkX6SCy+XjqXqv9qYbcxftWr3+t90Q2n7uGs5JGQ+oORJG7lt/qTalx1WrzMp"
    "UoGtV5Gf/Cm73613YNzag9Upnhrt/qPel3qSGkTfIXUYS09Ee31eNFjkWVk3xBPOYXU8hj"
    "qhsxntg5fUgcR2HJIp2y/q9K5fT0Q+Xd6dnH6vsPH6of3y0GVrRq1Qg7b33igyygjuioU6"
    "amSXQl0wUCfpk8j7Z1UzXTJGomp2lG0mKp8jidyMTGWa2BoCRYA7m2BiIua0Zlx8lDnmae"
    "NT4y2N+QzZP2iUAILHQpSIBCSZ/46peCgAIEvbYPapDETAtqUApAXR36csf1BgI058ue9h"
    "PYFLmv/jkwRegL4opbjCu64xzATQFucE7MW4BxRd62r7b8TLgxa9Y2EzmyRJyHuHnXscnV"
    "/Pc8Lm6YWT5V5I+qkKANYaW9nYkK4W+KXOCXseShLnKcOghMeTCn+WV6D3SQZ8oW1A5Z1p"
    "BlvSUUd5BlvTQUUzN4dAOM6B6ZHcDeAXtXCFBXsXdx4GZn7pxe9hPQ51m7xbwHjN1GgQXG"
    "7kAZO5foj6PrljGAFVyd0yj19gDNwCqyR9hGGLmwoBlmeLqp+CpP0neS8hlcd+ICijvXh5"
    "Gd0c8KTYIsYqPZiGoEUZtn87tt+OkKGvuCzDiWb7cPX/9ajOU7+EuXvmi0xE16YZa3OheZ"
    "/8A2Atu4X7NoIdhGSGI/CDVDEnsJktizgVtq9uoXgxpSTTy0b/VOV2rXkDEhehxX2+h8kQ"
    "SzqvArtxym9qrlljHjkbqljXq7IV1diZYcG03LLy/rmijujWNZ+MSoZJ4VvW7+9DaOunWR"
    "0+KWowtmDSdMVkGxENhDLreHcK9At9m5Ob+SULcnNVr9VqcdXHBEJS9iBdTz2upXCVDHrQ"
    "opoI5dGgDqVVAvnJ2MllaMOJhbuTa3VNOYGMPhOmtHjCgsHukWDw+6rKtHSA7mtDRz2gK0"
    "jOtHSA7AzgK2OiXrnAofkYblI9fLx4zQh5EtP8Ykxif66wGZIu2U3ZjTTv6e0smY6DHjJ5"
    "3fHuggz4syW0CZr/6Emat+3vlDHvRuGp9r6N74IdvmVHlkbvhNb1BvtfutJr8BSJmaNkPd"
    "oiq/BqgnSRe81CRkyH9fXNUH59w5H7L18T43zjk/LUlWCNX4nog1NpcndFCkkQN7zF/dzN"
    "3sHvNgZC9LWCwqCVmDoa83EMJMnYUVkAJMIbMNTg/Nb1pL5pwhd3jvFNx8zgTPYxuYCfOY"
    "MrRqo1+wRTlFAlHmDX+LEzpfsOlvnT7WO/IT0nEgHWe/Zv9CMD+Htfnv0DMMDmjD36GrGj"
    "b5wSa/fdvkB0d1ASWSW1DhVCk4VSrv4Kbim16HE/HAjyFDfHpJZkGcP42S1PuobKJj3T5G"
    "fWNov3Xvqa8halvIJVLQCFvINji1MUc8140/Ko4FeUFPz3MhwHsA77Ffs1AheA/YhnQQao"
    "ZtSKVNZjSJfyNYJrvAXvs8M0VresCVVB5wZYUHXIl6wMwyjln101FznmyesS71L1vdLk/2"
    "cjeXc06t12uJpDAnnsczyAaXPHnMHt3q3av64KLTu66hiYbtoWGO88GuuVbgOrmxAUk4iT"
    "9vq0fEzX8dd6lrGsawM2w65HOs2xRuUl7lPk14Y0s2hrLqb/+sH/V1xNwa5mUTdXG/44Nh"
    "qFZZHP3Afw7Z10DMCfsobGQMRZErwD6WKc9ePUYdnSB+lAQf9aIk4mVt8TnP+2CBOxc92Z"
    "TXLEaB5ZcuCuzdQV0q++5bhMsTtzK1gMMHc/lqT8CZK+T7TNnCAaE8G1Z5MmK96Vi2RrhS"
    "PcuCd4xoAVE/e58C9LP3iZjzKgj2Fjg3O2+f72ZA9RtWGVANiQGscPDozgO8cJTjho9yfO"
    "2c930FN1XSe9ykuwF0+76uCgpvaK3JVQB9AX8MFeRXTTIH5P11qUPobq4GYv4+j3bP8PwY"
    "3bl3Td7xUz05CaMR9YGYR5Z3swIDFuvWkJjOOaITPLcEpUNjWJ/tPCLNBoTgLLXqWNEAOe"
    "TLXknBDS0A55SQzNmhRF4Ifb2UehJykmvRr7+ho0WG6RFwRq9jYwFndOCcESQJHISaIUmg"
    "BGeVZgO31L2qt8W1UBMN6+JWqPpA7rYan2+6NYRt2TlC71ZvteVBr97utwY1RNkfww0Xao"
    "vWzV6n27m4EM3dE5MSN55cdfpi14lmWEkbUcLG1SttOxkbU2Y/r3E+SlgSDkaJ0QkcjLIm"
    "577hg1FcDyWL8e0TAbotBKeGLVsmT9zzzm5rRYQhqSbP1hZc5bbBgQNb5iD6tx+gQpgKwl"
    "R5o/ohTJWXMBXsoN3iDlq4NnMD12a+btBPenom8uc0KKcJ/zm+UsogYN8YE3skYm481DZi"
    "3ROec23oIjI3w/MavyrQJhMvKfsvY2rqZF7mV/1hHVFdoSp7Hron/Lzf2DDgth6SNhDoC/"
    "nCUWQQbdu/6a0QxIDQS0TBKc+lcmXzzFyW+E63L1JT9kcKmJ30JD7QRcSgKXXrvQFr5rVR"
    "yQSb/Cv2Wvj6WcYQlh0tYgndTr81aHXaNcRURflb8N4HUtspVNkapzul5z2p/rnZ+cpK79"
    "mQeVSNGSvlp2LJ/ctOjz2nfl3/xMMN/IAs2RoZJnsOHvNF61YXx73LnV6Txy0EAjciWiHO"
    "fpcNU+VBDKZ2W55a68UpTtNd3rLi7pYwgWsogvBeZ1IJicKskutZJevdPHAnz7KSF628Ji"
    "brXTxwB08GcGFTB9C6uQcVNnUAW55nUIEtB7Y87+DCpo6D39Sx4qqIcJNyKo4342URntyL"
    "botYrxMgaYGkBZJ2X+iUw7ovArK8D/4eCfgE4H4JuF+iEPdLAAEIBOA+wQoEIBCAeSJRgA"
    "AEAnAf4c0zAVgnJlVGpRjez60pr6L78LLNcyRfMqobvqMkcYNv7KIUs63XVeHLOLZtWqob"
    "2S+fzKQlHkeQ7Aokn0eQK2d6TWegUq2m8V6r1WT3ldeF/Fc2qDIg7DYvILonqVytkxWu1k"
    "mMq2Xoduz69Hu/007ws5YiYQ6YKjb6H9KotcerVBy4HIwA8eth+ua6/kcY7sZV5zxs4/IO"
    "zuOM3F0uZj//DxwRlCg="
)
