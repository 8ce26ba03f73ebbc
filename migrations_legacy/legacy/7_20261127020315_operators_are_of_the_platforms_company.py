"""Operators are of the platform's company, and whoever is of that company is an operator.

A check and a condition more in a policy: no row is read or rewritten. The release before this one adds nobody to the
platform's company, and knows no operators: on the way down they are removed, with their history.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
COMMENT ON COLUMN "users"."role" IS 'ADMIN: admin
MANAGER: manager
EMPLOYEE: employee
OPERATOR: operator';
ALTER TABLE users ADD CONSTRAINT ck_users_operators CHECK
    ((role = 'operator') = (company_id = '00000000-0000-7000-8000-000000000001')) NOT VALID;
ALTER POLICY users_add ON users
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id))
        AND role <> 'operator');
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DELETE FROM user_history WHERE user_id IN (SELECT id FROM users WHERE role = 'operator');
DELETE FROM users WHERE role = 'operator';
ALTER POLICY users_add ON users
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));
ALTER TABLE users DROP CONSTRAINT ck_users_operators;
COMMENT ON COLUMN "users"."role" IS 'ADMIN: admin
MANAGER: manager
EMPLOYEE: employee';
"""


MODELS_STATE = (
    "eJztXf9z2rgS/1c0/iW9GZppSEn7eDc3Q8C5cE2AAdLeu6bjKLYIuhib2iaUd6//+5NkG/"
    "yV2AQS4+zMzfQiaWXzWUva/exK+kfSyR1WF4d9MrKIPR6a98SQ6ugfycATwv4nsb6CJDyd"
    "rmp5gYNvdSFguS0Vhze1Rdtb27Gw6rDaEdZtwoo0YqsWnTrU5E+TGsimxp1O3s5sgoRgBd"
    "mOaRENYRtRx0aD88bbau0EmYa+OOSdaqbKemVSG8rPDPp9Rthb3hFnTCzWy9dvrJgaGvlB"
    "bP7nV8kmts3eUKGa9I1XTu+VESW6FgKIVbIqUa44i6kou7pqt85ES/6mt4pq6rOJsWo9XT"
    "hj1q/ffDaj2iGX4XV3xCAWdogWgMuY6bqHr1/kvj8rcKwZWb64tirQyAjPdA669OtoZqgc"
    "a6Rapm0z6O4PqWYfGmTOfttv3ksGBBSl0x0qA3moKFJMW/xlIgrwilTT4JqmhsMB/Oen2+"
    "8KGlEq8Qc0zxv9N8cnvwgwTNu5s0SlAE76KQSxg11RoYwV3qpFODoKduK4t1iNQyckGfuw"
    "ZEQHmid66P/PJrrwC1bKWH3wPrg+fM8L+LB9KQ+Gjcse735i2991gVdjKPOaqihdRErfuP"
    "ox2dh1h/ayE/SlPTxH/E/0V7cjR7W4bDf8S+LvhGeOqRjmXMFaEBO/2C9iTVdqFqNYsceY"
    "jdq4optjbCUrOSoXUTODazeDbIdqlSb4h6IT484Zsz9P3q9R8+dGXwytk/cR1XW8mqqo+h"
    "mCmvyYUqa5DUZUWBJGVKFHFFsbN5k1A2JbULA3bkC/29evak6m2Fgo+QySsNQ2DZPiqvZR"
    "62MFasAEzAFqWApAZaBy+3l0n2zRuZ9gHOAzZsHTO+MTWQiY2+xVsKGSBEw9L6W56mk/gV"
    "2VruZKC8+XbkdkuDIENKITR2DQZzNIv90cSkkf8BbAHax6Kim44WEbArfZGDQbLVkS3/Et"
    "Vu/n2NKU0AfNa8yqGSlZto1XTaqTaAk28J3Ah/8Q/toR7BM884Ba0p1y75dldMe7BmEO9Z"
    "3xlhrMYWb/EaSRB6oSBtuYMKkJ1RfIHAnP2vP3XbfbPkR98mDeM22wSsSeYiPssB5UEvfa"
    "d/eYLM49s2ssT9Pg34N/v0fzWCmsVTH82GRnJKg53bsPS23k2xfMAwk798fv3mXw7lmrVP"
    "de1IVtWKYVpjg7D84BkfKBvH0GRce2o2zoX0dlYd4q9LwFZNmrULPFzcuNxnNYEiizfdAy"
    "MxztJB85fYGMS5ZvnTzKZIwcrTFGjuLGCLCUO2ApA75sVkQDIgAn8JMvxk/y73ALyF553Z"
    "QU1sBoLRQtyXTUNoZjy3QcgW+cnQy3qKwlKVlbhTLVeq0zspVnmOpE85lEG1EDYWSZczQy"
    "LYTZH6pqzgwHeX+5ni16c3NPFje/VFiZhlg11dF8TAzBPBrkh8PUsEBU8I7cOYuzl8/32M"
    "fZTCAvgbzck6muFH4DG8N5nAWveelSkXbCVo7YvDqzSAJd2TacZHyDIhGQqcsU79lYYe/L"
    "/nlbPXr/4f3H45P3H8WSy4qWJR/WAN/uDCOY3upsVmWTi1hw8s5MMWHgNIo8N82m2oZLUF"
    "gSlqDCqTnmo76M1T8keCIl2PqifK2F77AWmbcE8N41dGeZsylPAsDI8y0PbMTdITtpG0Am"
    "mQR7+mvEcRW/7BtY2WBlwxQHKxmoeZdqfmDzcmKGYqq9H5B4PnP/aE9sffFvDMt059Rvvx"
    "3v9KUdJwhgFWcmgohLYSIuL+coXJLJrbCxE90Fr/ZRp0GZiIaZfQdu7LuMPJdO8hQSWiT6"
    "BeLpLrZ+ECbqF3wN14CLAC7CHkwspbAdYTHeQTZJYMrLimhABOCE5BwwFffXVIzOBFtA1i"
    "eGSwprYPJLTs6BfKeS5DsJ1BNcGV8b6U6MiD5k9V6mrC3fEDkSeyK9UXuIhmOCyNsJpvoy"
    "nYja/jlHzJXRzTnzaVRsE5FdxOpctSPzgZVjXfe6oiQxdvJMT82yNzM8UXHHqoK+SrfMKw"
    "EvC7ysfZrpSuFlQSDmVagZAjESBGL2JxBjz6y8EAdEYLtWJpAJN/zyQLwUKF22a7WWZd84"
    "a5WKr6gL4ztlGOX6hJcC5fuAj6tZsomr6cnE1di+fFPFei54VxLPNw1L7pG6zwBwLQvAtX"
    "SAa1GAudWm/DfnJxwSekaYr4bN58F5+wdM/G3eKg518n3LIaHyTRc7We90qhJDJYox8wPT"
    "mWeOmGT5IK9lQbyWDngthrdlpn3TMgMyRoaG9+Cbzz1T5wdaarQu2506wtqEGtfGZaPT+F"
    "3u15FLMVrXhnzZu+j+R5briEymurkg5Nro9uR+Y9hlzcwp/w2mFaXrMtkrWZRVTVdWNW5x"
    "O9iZpZwj9Li6VtLFVlhz2P7M1IFVhz4wZQyuBj2505JbdWTP7ClhT9OKoY4ptu25aWnKGN"
    "vjXDZkVLDICinS3jRxVpO/TXnDo57C4rCXqsiMmBt42oT4DEuClousZT+uFFNxeugoIPKE"
    "+NH+6DRHugukZEHSS5FSCXInvfCxvQVkM2ZoFHMOeBTVwAQYgpQ9H3WuLi5eMkPjnPLshI"
    "WUkqjhV1cey9dQxoGWGdI21DE27oi775TLH9iIu6j8BBjX96mj+disiANfKmhkmZMKcsyk"
    "VIwn9ARHX0M6BcTZC21vjnwVZvXXlwIl9NO3T4vw6VB5wPosF1keliofdbt9nNkXnhvloA"
    "x8zBlAZiaHmXf3QFAGvNNIvGGDk37Le8JvLRNJWltDktZggzRsItoPOIFPgRN+iwtr2o6X"
    "l97Df0rDnECguLKOQLllXnhm4gRbFhUsx9SiKnFP0EW3prjg6xDdeJ/cDd9cwg/K9dr/G9"
    "3YYzqdEutGFHsCrBtPoCJ64lVTU6dqyr6XZ356FoLG6yuy/yV5V4z3EmtLA5Ju7TIUj8UX"
    "Eria5BsfuqtvI/gq/DVZS8u/S8578+U4p5rCta6YBlHm1DDc8eoPY0lIs2+B/4G+nMt92S"
    "OzULuD3hyINyHaQQUdYFUlUzbCD35xZ5Lk14n9rswvp9MHkufVeNCfq5a/WvJbAoUGFNqe"
    "rESloNBgR9KrUDPsSJK2uSPpVeTv8WS9duf3OvJW7Wuj8aXRF/l73uLNSppNuTcURd4ifm"
    "205OZFu8PLNKLq1OBl/Atv9RtfOnU0p85YYxa7cW305T/kppC2yN9EFdLyn712nxe5plRB"
    "MgTxhF9BoUyoYSa4YKf0LnUcRSXLdKz6v6rV4+MP1XfHJx9r7z98qH18txxY8ap1I+y0/T"
    "sfZCF1xEedOrMsYqi5bgwIyhR5tG2anJklNTM9MTOWCEvV+9lUIQ7Oaw2EJcEaKLQ1EPNV"
    "cyo7SR4yM4us8bHJfkM+FzogArGvyC0gIe4ke6prUAoiCRDt2j2oYfYyK6hhKQB1fczLG9"
    "dbiMycrnraT2AzZLsG58AMMS8IKO4woOiNcwA3A7jhObFokcU1mdqB2sojcca8edpM5MAW"
    "AR7iZVonplPzvxdJAcPc8plCflSDlGyIJ+3fFFQKR1Nk/z6NHo90UeBkQaDIw1nMT9N7qI"
    "Mic7WgdsirhrzqHaH4DHnVKwsxM3VHt0CF7pHZAbQd0HalAHUdbZcEbn7Kzu1lPwF9nK5b"
    "zntA1W0VWKDqXilV5zH8STzdivxfQ9K5jTJvCNBNrCFnjB2EkQcLmmOGp5d8r/G0fDcNn8"
    "F1Iy6euPF8GMUd/azQIsgmDpqPqU4QdXj+vteGH6Sgsy/ISqL3nvfhm1+HES5d+aDL+uU7"
    "ppfGpdaVeNkyzHLXFmKvANCUQFPuyfRbCpoS0t5fhZoh7V2CtPd84EqtfuNsWEeahUeOOE"
    "G4I04PNpJI3mb3sywoWZXf0eVSvBdtr4xZndQrbTY6TfniQrTk2Oh6cQldzzbxrijLQ0TG"
    "JYus6E0zrndxHK6HnJ60HJ0xMzplsgqLRcAecbk9hHsNuq3u1emFjHp9udketLud8IIjKo"
    "Ut/l2nvrvXuEiBOmlVyAB14tIAUK+Deunl5LS0EsTB3Cq0uaVZ5tQcjTZZOxJEYfHItnj4"
    "0OVdPSJyMKdlmdOWoOVcPyJyAHYesLUZ2eTk+Jg0LB+FXj7mhN6NHeU+IZU+1V8PyZRpb+"
    "3WnHbyfUanE2IkjJ9sfnuogyIvymwBZb76A2au+mn3T2XYv2p+qqNb84fiWDP1nrnhV/1h"
    "o90ZtFv85iB1ZjkMdZtq/Pqgviyf8VKLkBH/++yiMTzlzvmIrY+3hXHO+cFKikqozndRbL"
    "AdPaWDMo0c2JX+4mbudnelh0OCeeJhcUlIN4x8vaEoZub0rZAUYAopcXDQaHHzYXInG3nD"
    "+1nBLeZM8Di2oZmwiLlG67YGhltUMmQe5d4iuDzM8wnbBDfpY7PTQSEPB/Jw9mTaLwXl87"
    "q2C7721IJXtEXwtasatgXCtsB92xYIp3oBF1JYUOEAKjiAqujgZiKaXoYM8cFPYEECekmn"
    "P9yfRknmnVcOMbDhHKKBOXLeepfY1xF1bOQxKGiMbeSYnNNYIJ7kxh+VRH88oafHSRAgPI"
    "Dw2JPppxSEB2w8ehVqho1H0jZzmMS/MSzTfV+/fZEpog1d32om17e6xvWtxl1fZhInLPfZ"
    "ODlftshYS4Pzdq/H07u8feicTOv32yINzI3g8Zyx4TlPF3PG10bvojE86/Yv62iqY2dkWp"
    "Ni0Gqe+bdJNmxIEk7rL9rqEfPvX8ZP6lmmOeqOWi7rnOgvRZtU1vlNU97YVsyRogXbP+pA"
    "fRkzf4a510RbXv54Z5qaXRGnRPA/R+xrINaUfRQOMkeiyBNgH8uM56seoq5BED91go96UR"
    "Jzr3b4nMedr9CFjL5sxjsY48DyGxkF9t6gliqByxjhZkXw9Ipv6uz7JB7aLC8mCeU2V2Jw"
    "SKjIFlWRrFd/HlbsMa7WTvLgnSBaQtRP3mcA/eR9Kua8CsK7JU7DLtrnux1QgxZVDlQjYg"
    "ArHE767CFdOO5xy8c9vnR6+76Cmym/PWnS3QK6g0BXJYU3stYUKmS+hD+BAwqqJp388X9d"
    "5qC5l52BmKPP49tzvDhEN95FlDf85E/OvuhEuyPWge3fvsCAxYY9IpZ71ugUL2zB5dAEum"
    "c3j8iy1yA8S607WjTECgXyVTKQQkvAORekcFoolRBCX87lvozcdFr062/oYJlTegBkEZBF"
    "ezPHloIsgrSAV6FmSAuQ4DzSfOBKvYtGR9wZNdWxIa6MagyVXrv56apXR9hR3GPyro12Rx"
    "n2G51Be1hHlP0YbrFQR7Ru9bu97tmZaO6dipS6x+SiOxAbTHTTTttzErWqXmiHycScMcN5"
    "gzNQopJw+EmCTuDwkw3J9i0ffuK5Jnms7oAI8GwROHVsOwp54C53flsrJgxpNEW2tuCety"
    "0OHNgdB2G//QAV4lMQnyoaxw/xqaLEp2Cz7A43y8Kdmlu4U/Nlo33ywyMhP7dBJUvcz/WV"
    "Mkb/BuaEOGMRbOMxtjHrnvAsa9MQIbk5XtT5PYIOmfpp2H+bM8sgiwq/BxAbiBoq1djz0C"
    "3hZ/omxv929ZCsEcBArBeOG4Mw2x7Na6VgBIReYgrOePaUJ1tkylLim9o+yy0lGCJgBtKD"
    "+ECXoYKW3Gv0h6yZ30YjU2zxr9hvEehnFTxYdbQMIvS6g/aw3e3UEVMV5W/Bex/KHbdQY4"
    "ub4Zae9uXGp1b3Cyu9ZUPmXjPnrJSffKUMzrt99pzGZeN3Hmfgh2Ap9ti02HPwhK9W14Y4"
    "y13p9ls8YCEQuBJhCnGwu2JaGo9eMLU7yszeLEBxnO1mljUXs0SZW1MVTPcmk0pEFGaVQs"
    "8qeS/egQt3VpW8aO0dMHkv2oELdnKAC9s4gM8tPKiwjQNo8iKDCjQ50ORFBxe2cbz6bRxr"
    "7oGINqlkIndz3gThyz3pKojNOgF2FthZ4FEKz6O8rssgIK/71V8SAZ8AXB4Bl0eU4vIIYP"
    "6A+dsnWIH5A+avSOwJMH/A/O0jvEVm/hrEoupYSiD8vJrKOp4Pr9o8xu6lo7rlC0hSt/Qm"
    "LkoJG3k9FT6NXNulpbqVHfLpTFrqAQTprkD6CQSFcqY3dAaqtVoW77VWS3dfeV3Ef2WDKg"
    "fCXvMSonuUydU6WuNqHSW4WqbhJK5Pfwy6nRQ/ayUS5YCp6qD/IZ3ae7xKJYHLwQgRvz6m"
    "by4bf0bhbl50T6M2Lu/gNMnIfc7F7Of/AfnZhB0="
)
