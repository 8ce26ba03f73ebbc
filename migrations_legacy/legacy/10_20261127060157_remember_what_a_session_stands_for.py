"""Remember what a session stands for, so that the guard of a caller reads one table where it read three.

A session that was there before has no such note: the guard then asks as it did. What changes a role, a state or a kind
of company takes the note away.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {
    "not-readable": "the DO block fixes the search path of a function that is new here, and locks nothing else",
    "around-policies": "the DO block after it fixes the search path; it makes a note unknown, and shows no row",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER TABLE "sessions" ADD "standing" VARCHAR(50);
CREATE FUNCTION remember_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT u.role || ' ' || c.kind INTO NEW.standing FROM users u JOIN companies c ON c.id = NEW.company_id
        WHERE u.id = NEW.user_id AND u.status = 'active' AND u.deleted_at IS NULL AND c.deleted_at IS NULL
        FOR SHARE SKIP LOCKED;
    RETURN NEW;
END $$;
CREATE FUNCTION forget_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE sessions SET standing = NULL
        WHERE NEW.id = CASE TG_TABLE_NAME WHEN 'users' THEN user_id ELSE company_id END AND standing IS NOT NULL;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION forget_standing() SET search_path = %I, pg_temp', current_schema());
END $$;
CREATE OR REPLACE FUNCTION require_session(
    session_id uuid, user_id uuid, company_id uuid, role text, kind text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
BEGIN
    PERFORM FROM sessions s
        WHERE s.id = session_id AND s.user_id = user_id AND s.company_id = company_id
          AND s.revoked_at IS NULL AND s.expires_at > at AND s.standing = role || ' ' || kind;
    IF FOUND THEN
        RETURN true;
    END IF;
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
CREATE TRIGGER sessions_remember_standing BEFORE INSERT OR UPDATE OF expires_at ON sessions
    FOR EACH ROW EXECUTE FUNCTION remember_standing();
CREATE TRIGGER users_forget_standing AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.status, OLD.deleted_at) IS DISTINCT FROM (NEW.role, NEW.status, NEW.deleted_at))
    EXECUTE FUNCTION forget_standing();
CREATE TRIGGER companies_forget_standing AFTER UPDATE ON companies FOR EACH ROW
    WHEN ((OLD.kind, OLD.deleted_at) IS DISTINCT FROM (NEW.kind, NEW.deleted_at))
    EXECUTE FUNCTION forget_standing();
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP TRIGGER companies_forget_standing ON companies;
DROP TRIGGER users_forget_standing ON users;
DROP TRIGGER sessions_remember_standing ON sessions;
CREATE OR REPLACE FUNCTION require_session(
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
DROP FUNCTION forget_standing();
DROP FUNCTION remember_standing();
ALTER TABLE "sessions" DROP COLUMN "standing";
"""


MODELS_STATE = (
    "eJztXfFz2rgS/lc0/JLeDM00pLR9vJubIeA2XBNggLT3ruk4ii2CL0by2SYp717/9yfJNt"
    "jGJjaBxDg7czPXSFrZfGvJu9/uyv9UTHKDtfnhgIxt4kxG7JbQSgP9U6F4Svg/EvurqIIt"
    "a9krGlx8bUoB2xupumKoI8deO66NNZf3jrHpEN6kE0ezDcs1mLhapYkcg96Y5PXMIUgKVp"
    "HjMpvoCDvIcB00PG2+rtXfIUbN+aGYVGcan5VLbSg/o8bfM8Lv8oa4E2LzWb59580G1ckP"
    "4og/v1Uc4jj8DlVDr3wXndatOjaIqUcA4p28S7ar7tySbRcXnfZHOVLc6bWqMXM2pcvR1t"
    "yd8HmD4bOZoR8KGdF3QyixsUv0EFx0Zpo+vkGTd/+8wbVnZHHj+rJBJ2M8MwXolV/HM6oJ"
    "rJFmM8fh0N0eGrpzSMk9/22/+TcZElDVbm+kDpWRqlZWtCVuJqYAv0ljVGjaoK4A8J+f3r"
    "xLaGRrRVygddocvDp+94sEgznujS07JXCVn1IQu9gTlcpY4q3ZRKCjYncV9zbvcY0pScY+"
    "KhnTge6LHgb/2EQXQcNSGcsHPgA3gO9pAR91zpXhqHneF9NPHedvU+LVHCmipyZb57HWV5"
    "5+GF+73tJeTIK+dkanSPyJ/ux1lbgWF+NGf1bEPeGZy1TK7lWshzEJmoMmPnSpZrmKVWeC"
    "+apdVXRrgu1kJcflYmrmcO1mke1QrZUp/qGahN64E/7nu7dr1PylOZBL693bmOq6fk9Ndv"
    "2MQE1+WAbX3AYrKioJK6rQK4q/GzfZNUNiW1Cwv25Av9vXr8amFqZzNZ9BEpXapmFSXNU+"
    "aH0sQQ2ZgDlAjUoBqBxUYT+Pb5MtOu8RXAX4I7fgjRv6mcwlzB1+K5hqJAFT30tpLWfaT2"
    "CXrcu90sb3C7cjtlw5AjoxiSsxGPAdZNBpjSpJD/AWwB0uZyopuNFlGwG31Ry2mm2lIp/j"
    "a6zd3mNbVyMPtOhhNRZrWYxd7ZrWpvEWTPGNxEf8EHHbMewTPPOQWtKdcv+XZXTHe5Rwh/"
    "qGvjYod5j5fwTp5M7QCIdtQrjU1DDniI2lZ+37+57b7RyiAbljt1wbvBPxqzgIu3wGjax6"
    "7bu7TBbnnts1tq9p8O/Bv9+jfawU1qpcfnyzowlqTvfuo1Ib+fYF80Cizv3xmzcZvHs+Kt"
    "W9l31RG5ZrhSvOyYNzSKR8IG+fQTGx46ob+tdxWdi3Cr1vAVn2ItRsC/Nyo/UclQTKbB+0"
    "zA1HJ8lHTn9BrkqW7z15lMkYOVpjjBytGiOCZdDFPeQAOyxTPpjrWVCup4NcX8EYmOAdMM"
    "EhviAroiERgBM44GfjgMVzuAVkL/xpSgpraLUWivrlOurQ0cRmrivxXWWAoyOqa4lgPlY1"
    "uGr90RkZ4Y/YMIkesLUOMijCyGb3aMxshPkfmsZm1EX+Xx57gF5d3ZL51S9V3qYj3m2Y6H"
    "5CqGR3KfnhcjXMkSG5XeEArzLET3fZhxljIIiBIN6Tra4Uvhlfw3l8BH946dK9dsIIj/m+"
    "OrNJAiXcoW4yvmGRGMiGx8bv2Vrh98v/97p29Pb92w/H795+kK9c3rRoeb8G+E53FMP02u"
    "S7Kt9c5Asn7860Igy8UZH3ppmlb/gKikrCK6hwal7xUZ/H6h8RPK0k2Pqyfa2F7/IRmcsu"
    "xOw6urHZzBKJFhj5vuWBg4Q75CSVWmSSSbCnv8UcV/nLvoOVDVY2bHHwJgM171LNd3xfTs"
    "wCTbX3QxJPZ+4f7YmtL/+/gmW6cxqM3453+tyO0+6DhBDAgohLkUIDmSIuz+conJPptbSx"
    "E90Fv/dBp0GdyoGZfQdh7HuMvJBO8hQSRiT6BfLqHrZBECbuF3yL9oCLAC7CHmwspbAd4W"
    "W8g2yS0JaXFdGQCMAJyTlgKu6vqRjfCbaAbEAMlxTW0OaXnJwD+U4lyXeSqCe4MoE20p0Y"
    "GX3I6r1YfKwoOh3LulN/1R6i0YQg8nqKDXORTmQ4wVlS3JUx2T33aTTsEJldxPs8tSN2x9"
    "uxafpTGSQxdvJEV81S/xrdqIRjVUXfKtfcKwEvC7ysfdrpSuFlQSDmRagZAjEVCMTsTyDG"
    "mdl5IQ6JlK9WaycgE2H45YF4IVC6bNdaPUttPh+Viq/si+JrcYxyPcILgfI9wMe1LNnEtf"
    "Rk4trK2QdMw2YueJcST7cNV7xji58A4HoWgOvpANfjAAurTf1vzkc4IvSEMF+MWk+D8/YP"
    "8fiLXauu4eZ7liNC5dsudvK+Mw2NUI2odBYEpjPvHCuS5YN8++XgNkt7phUO5AoZGj3ngD"
    "31Tp0f6Eqzfd7pNhDWpwa9pOfNbvOTMmggj2K0L6ly3j/r/UdRGohMLZPNCbmkvb4yaI56"
    "fBizxG9gdpyuy2SvZFFWLV1ZtaTzEdxZyllND6trKV1shbVGnS9cHVhzjTuujOHFsK9020"
    "q7gZyZYxF+Nb0Y6rCw49wzW1cn2JnksiHjgkVWSJFq0+R5WEGZ8obHaUXFoZaqyIyYF3ja"
    "hPiMSoKWi6zlIK60ouL00FFI5BHxo/3RaY50F0jJgqSXIqUS5E56EWt7C8hmzNAo5h7wIK"
    "qhDTACKb8+6l6cnT1nhsapIbIT5pWURI2gu/pQvoY6CY3MkLahTTC9IV7dqZA/cJBwUcUJ"
    "MJ7v00D3E1aVB75U0dhm0ypyWVIqxiNmguPFIZ0C4uyFtjfHgQqz+usLgRL66dunRcR2qN"
    "5hc5aLLI9KlY+63T7O/AnPjXJYBh7mDCBzk4PlrR4Iy4B3Gos3bHCacnlPUa5nIknra0jS"
    "OhRIQxHRfsAJfAqc8FtcWNMqXp67hv/EiHICoebqOgLlmnvhmYkTbNuGZDks29CId4Iuum"
    "byI2qH6Mp/5K5EcYk4KNcf/2905UwMyyL2lWz2Bfg0vkBVziS6LGYaWkrdyxNfPQtB488V"
    "q39Jrorxb2Jta0jS612E4rF8QkKff/kulu7y2QjfirhNPtIOvtfn3/linRu6KrSuMkrUe4"
    "NSb70Gy7gipfmzIP5AX0+VgeKTWajTRa8O5J0Q/aCKDrCmEYuv8INfvJ0k+XZWflfmmzON"
    "O5Ln1kTQX6hW3FryXQKFBhTanryJSkGhQUXSi1AzVCRVtlmR9CLy90SyXqf7qYH8t/YlbX"
    "5tDmT+nv/y5i2tltIfySb/JX5J20rrrNMVbTrRTIOKNvGEtwfNr90Gujfcic4tdnpJB8rv"
    "SktK2+Qvoklp5Y9+ZyCaPFOqIBmCeCo+QaFODcoSXLAT4yZ1HcUly3Ss+r9qtePj97U3x+"
    "8+1N++f1//8GaxsFa71q2wk84nscgi6lhdddrMtgnVcn0xICxT5NW2aXJmltTM9MTMlURY"
    "Q7udWSpxcV5rICoJ1kChrYEVXzWnspPkITOzyBqfMP4b8rnQIRGIfcW+AhLhTrKnuoalIJ"
    "IA0a7dgxplL7OCGpUCUNfHvPx1vYXIzMlypv0ENkO2a3gPzBDzgoDiDgOK/joHcDOAG90T"
    "ixZZXJOpHeqtPhBnzJunzUUOHBngIX6mdWI6tfh7nhQwzC2fKeRn6JCSDfGk/duCSuFoyu"
    "zfx9HjsSkKnCwIFHk0i/lxeo9MUGSuFtQOedWQV70jFJ8gr3ppIWam7owtUKF7ZHYAbQe0"
    "XSlAXUfbJYGbn7LzZtlPQB+m6xb7HlB1WwUWqLqXSdUF4CfwdCG9pJN0iy9AZKXoXEIxdQ"
    "/RkI3d1/5ZSg1kuA7yuT40wQ5ymWDh5tzZwLq4VBJZ94iZHqbtgKYDmm5Ptp9S0HSQ9v0i"
    "1Axp3xX4EMWODmjIxiSuoxJXiJlb/tM2ZY8D2SJjXRmedvp9cWqxb6Je0lZzMOiIFr8Y8p"
    "Ke9EanDXTN3Mkl7Z81Rx97g/MGskzsjpk9LQbpC8d5lvXtsUKYPI+f1LcZG/fGbSIqTJPz"
    "GuJDquv8JksMdlQ2Fr7gcvyDDtTXCfdnuHtN9EUN8g1julOVn+gTf47500Bsiz8UrjhmTj"
    "T5AvxhmU2JcJl6lIiPAspVL1tW3KsdXudh5ytSFxzIZiwFXgVW9b9HkVgTDAW+4OkV39TZ"
    "9008QhzKTUK9zlU1FREqskVVJOs12IdVZ4Jr9Xd58E4QLSHq2/+aDyQfbDmY6zkheYO5ES"
    "mIOyYEcwOLKgeqMTGAFWLkTx4jh6jjlqOOCZstgJslXh55xWSMl4vdcwvoDkNTlRTe2Lum"
    "UCHzBfwJHFBYNenkT/DrMgfN/So1xB19Ed++x/NDdOXXQy9OrzOJfuMdduclAXNgMXXGRL"
    "A32EUWnjuSyzES6J7dXCJLdUzyIXfR5eW1PuLwugXgeQ+J+/U3dKCJ1Wjyn34AZBGQRXuz"
    "x5aCLIK0gBehZkgLqMBpcPnArfTPml1ZumSZmMrKpeZI7Xdany/6DYRd1TsA6pJ2uupo0O"
    "wOO6MGMviPERaL4crR7UGv3/v4UQ7XbWax8VjURJ11vigDryhKRpDE3K2z3lA0aSZz5N/N"
    "bks5O5NNgX0Qt6qeqf4JToaDk+GKAf0uT4Z7tgOkiobydshL+QFjcidc7g2/fhwWhjSaIl"
    "tbUG64xYUDR69B2G8/QIX4FMSnisbxQ3yqKPEpODRwh4cGQmn3Fkq7nzfap9w9EPLzBlSz"
    "xP08Xylj9G/IpsSdyGCbiLFN+PREZFkzKkNy93jeQBg5LrGCNOy/2MymZF4VHxXHFBlUM3"
    "R+PXRNHP6PxPjfri6SNQIYivXCIXkQZtujfa0UjIDUy4qCM56S5ssWmbKsiKK2L0pbDYcI"
    "uIF0Jx/QRaigrfSbgxEfFozRiYVt8RQHI0LzLIMHy4kWQYR+b9gZdXrdBuKqMsRdiNlHSt"
    "dr1PnLjXqtJwOl+bndE8etXfMlc6szcdxa74syUIenvQG/TvO8+UnEGdgdt+ecCbP5dfBU"
    "vK0u6Whw0fqs9gZtEbCQCFzIMAXflrRbldm6iF5wtbvqzNksQHGcJUBxnB6gOF4JUDBNMt"
    "2bbCoxUdhVCr2rmEkK/mgynBJ/MhO1OhYC5dJku3dxcqag/kBpdYZ8Q4iqTnaKJt5gBEZw"
    "8yxO2CeFy9eBmxgsB3ATwYUyDuBzCw8qlHEATV5kUIEmB5q86OBCGceLL+NY86WS+JBqJn"
    "I35zdLArlHfbhks0mAnQV2FniUwvMoL+wTJpDX/eI/ZwKPAHzaBD5tUoZPmwDzB8zfPsEK"
    "zB8wf0ViT4D5A+ZvH+EtMvPXJLahTSoJhJ/fU13H8+HlmIfYvXRUt/wBktSS3sSXUkIhr6"
    "/Cx5Fru7RUt1Ihn86kpR5AkO4KpJ9AUChnekNnoFavZ/Fe6/V091X0xfxXvqhyIOwPLyG6"
    "R5lcraM1rtZRgqvFqJv4fvp92Oum+FlLkTgHbGgu+h8yDWeP31JJ4AowIsRvgOmr8+Yfcb"
    "hbZ72TuI0rJjhJMnKf8mX28/8/iLew"
)
