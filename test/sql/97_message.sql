--
-- 97_message: a message for one recipient's eyes: encrypted where pgcrypto is installed, opened by the key it is for
-- and by no other, and what it says is what its digest was taken of.
--
-- The keys were made for this test and serve nothing else.
--
\set VERBOSITY verbose
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS care_casework CASCADE;
CREATE TEMP TABLE key (who text, public_key text, secret_key text);
INSERT INTO key VALUES ('one', $$-----BEGIN PGP PUBLIC KEY BLOCK-----

mI0EawhCrgEEAL1x6cJJlvA4CWlzxIRNbWeCvP7yU9VM72bbBf1o+a+cbSq6eakb
f9J70S2reZeryV+oln/8EfCtFuM1HTfkSE7yoZPCHP0RiP2gHQ/3r4kACM07eTUy
eqrvQFScnZ2UO+4fT0EJ0KodIbgcdG+xG+C/YROfg+VFOVxQ6oZKFzenABEBAAG0
CHRlc3Qgb25liM4EEwEKADgWIQQKqCz/1GbbAdDrO9hmYH1CgdR4wgUCawhCrgIb
AwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRBmYH1CgdR4wlaxA/wKWy216HmX
rWsz4NDQK37GyGjTaSUgDlPutq/nYdHZgoJ5Gn+//uorRi84qogmrCQLXh0telRI
GQi2Wz1YqCFQ/RCoQMrxDTPNEwNWP6stwyPXCMyKoge23bTujiZcIHPxAZ0ilTHY
mfQpUsY9uCJ+8d3HSgFuJ4oaACeyjHQzeriNBGsIQq4BBADcCtvVrf30fZELhL7i
V22tzK597lmd8osGFf/2frYFG5Balq56e83rgj8j6RkiJ2l+P9GKdf3vEvsg/FUk
jhBQgQdyY9t7CTBtDVgiRKsnzwKl/CVmAwxELsEqOxNda4F/gpOdAqs5Bh2qQBlw
GplWkeBhtXvz7ujleaH7olNqJQARAQABiLYEGAEKACAWIQQKqCz/1GbbAdDrO9hm
YH1CgdR4wgUCawhCrgIbDAAKCRBmYH1CgdR4whw/A/0ePyGK+ak288iTF2dIWf1d
0Nn6AIsIv9kkcar9VHQjbmn1E+C15o7sjrLKlV128WLfqkXmSFz53PeZjSoITlF0
BKo3IMAefkrvElGzfh/wg95Z+AU7CjguduK5pvKtI8xga37ZfyKZs2kcX9wrkdM9
C8i7s9PWhu63W/DCGedY6w==
=+f/b
-----END PGP PUBLIC KEY BLOCK-----$$, $$-----BEGIN PGP PRIVATE KEY BLOCK-----

lQHYBGsIQq4BBAC9cenCSZbwOAlpc8SETW1ngrz+8lPVTO9m2wX9aPmvnG0qunmp
G3/Se9Etq3mXq8lfqJZ//BHwrRbjNR035EhO8qGTwhz9EYj9oB0P96+JAAjNO3k1
Mnqq70BUnJ2dlDvuH09BCdCqHSG4HHRvsRvgv2ETn4PlRTlcUOqGShc3pwARAQAB
AAP9Fp7PcVTQIlwj44+LMNuoleoqdFatuT5ifOmSIYazVEtdTZ4j1hQOgyzS9p0O
+76WC5yvERZ2yJd3sCbbbPJjyl+E3x32fHyjQtxdvVLtXAXTT3pelbyMcbDI91Wr
ZQBGJsVeodbB2ZBwRqv/TPoPEIc5EJNPhO5rM7LrtYvJyuECANZ5FRXI+L6LXyzy
eTBF+qSP4K1Q8iWssB+83mNfuoAWaWMju2HYb+uD85qBlEK1hqYgyF8IEuxkulfM
cnUIO8sCAOIgQHeKVGTLpeCWOqI/ldfDxnbtl0NYIpg0dr9/wGmUj2TMgI0F9PBu
0avuz/VmOUQTl0+o9Z1wXtx6qlWU8BUB+wQjUtpI2TF0/O0xMvItG8V5V9uLTLh/
duEO7HoB53FNCDnzgzO+GXJ9JP1LjHWKgjlvi+NPziTxzC8WvJJxsFanMbQIdGVz
dCBvbmWIzgQTAQoAOBYhBAqoLP/UZtsB0Os72GZgfUKB1HjCBQJrCEKuAhsDBQsJ
CAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEGZgfUKB1HjCVrED/ApbLbXoeZetazPg
0NArfsbIaNNpJSAOU+62r+dh0dmCgnkaf7/+6itGLziqiCasJAteHS16VEgZCLZb
PVioIVD9EKhAyvENM80TA1Y/qy3DI9cIzIqiB7bdtO6OJlwgc/EBnSKVMdiZ9ClS
xj24In7x3cdKAW4nihoAJ7KMdDN6nQHYBGsIQq4BBADcCtvVrf30fZELhL7iV22t
zK597lmd8osGFf/2frYFG5Balq56e83rgj8j6RkiJ2l+P9GKdf3vEvsg/FUkjhBQ
gQdyY9t7CTBtDVgiRKsnzwKl/CVmAwxELsEqOxNda4F/gpOdAqs5Bh2qQBlwGplW
keBhtXvz7ujleaH7olNqJQARAQABAAP+K1juRrFwgm4MGU9MxU0A28ijJUbDm8Rw
k8HYu0fp9qaf8OCXPaTPA5KUerAMVfiapRbQYiztWeAM3conwbxExSGkLIAT2KQc
JgtEyj+LiMFfFZhD7FmXgPIXiRCHkd6d6MzeOZ2BX59beRxdXBVpYHYyLcXfROju
sQO8Ei8fktECAOe9XU4YdcTzpUMi32aTYtp/ulTYdpeO3SUSNbkvI4Sb4KQxPPgP
4TbnpavX7HS3lBiavzlrdXDXZz0bB4KygRkCAPMUAaDBRXQMg5ccyscOWsiX/811
8ujSIVuB5qLGYsPz+nFOMJOat0LC9jdjYgXYIBgUCJUMQ9W1r8zPVJY/1u0B/iq6
eGrmzLRP+vdJ2GfwQQvYvzqX9A2opk31OdaJaxaVndDDYNOBF+Nop7kvbjtzx6KK
XNbdZfgxE1QmCNo1cqOlt4i2BBgBCgAgFiEECqgs/9Rm2wHQ6zvYZmB9QoHUeMIF
AmsIQq4CGwwACgkQZmB9QoHUeMIcPwP9Hj8hivmpNvPIkxdnSFn9XdDZ+gCLCL/Z
JHGq/VR0I25p9RPgteaO7I6yypVddvFi36pF5khc+dz3mY0qCE5RdASqNyDAHn5K
7xJRs34f8IPeWfgFOwo4LnbiuabyrSPMYGt+2X8imbNpHF/cK5HTPQvIu7PT1obu
t1vwwhnnWOs=
=l/rs
-----END PGP PRIVATE KEY BLOCK-----$$);
INSERT INTO key VALUES ('two', $$-----BEGIN PGP PUBLIC KEY BLOCK-----

mI0EawhCrgEEAKHgAQnMAMoTOzFhl+Ft5hJxnKSqxQGGeQVbE97GPiqixlespRIB
1YL9JFvU2jkQlgrNM5dOdfD0KBqaHwER0+DdHOeoPU6iy5vyjlE7GGdUwnYErk8I
cCkq/pmH+G/1P/YOsnkSk0kxWGqyoaeS3Wi02pQ3TgjbGYzUKnK4nod7ABEBAAG0
CHRlc3QgdHdviM4EEwEKADgWIQQqhvIsqQHKhc+xyeDbSA7Rr4adDgUCawhCrgIb
AwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRDbSA7Rr4adDl3/A/wLLnqBVR9A
GTa7kVFBYoUvCfDjlHH/FjHwclbnh/kby+O81os8ufJZ6h0xd0ulhYhqW0h54OJ6
oUvLhiTEhWUQFmueHo47HZ+KDjrN5OoBABCQO2hxpw0gbWbnWjxf7gh82LzDwSsz
4kzmtPSrxvUqcbdLWPqjMidnC4Xmafi4OLiNBGsIQq4BBADRkUZPQjP3WCBGTvAL
L2qz12eifmOaT0nD5jylDaGMqn5gLbORmA3kHvcy10SYPCIiiGflHzf77EgykTmD
lEyjdW8ruseNq8wFCq9u5z9PmFSulThP5XzH9H+pThiJSfjQJlLr46OWXgOmjkmS
+z+K3EhK5DQMD3mwboup5wyhqwARAQABiLYEGAEKACAWIQQqhvIsqQHKhc+xyeDb
SA7Rr4adDgUCawhCrgIbDAAKCRDbSA7Rr4adDs42A/97PLddI2j41oTGnqGPvABh
ph+1wtDpffiIx8d/nvUE7kWKhm+xCBpLulFg6xZ/F+zcG7NwTLrI7nMLRTKh2Nwv
uzFPrLBmEDgou69XANUyynde3mu+tBXlekJ7BG4dRSbqSOno1oUczmk1o/2gWs//
AQOCIpJa3/psqtHFZDB3hg==
=zqVk
-----END PGP PUBLIC KEY BLOCK-----$$, $$-----BEGIN PGP PRIVATE KEY BLOCK-----

lQHYBGsIQq4BBACh4AEJzADKEzsxYZfhbeYScZykqsUBhnkFWxPexj4qosZXrKUS
AdWC/SRb1No5EJYKzTOXTnXw9Cgamh8BEdPg3RznqD1Oosub8o5ROxhnVMJ2BK5P
CHApKv6Zh/hv9T/2DrJ5EpNJMVhqsqGnkt1otNqUN04I2xmM1CpyuJ6HewARAQAB
AAP9F81Mych96zi1sPalMwgKVvburgXQLv+7Zs60FsM2m+VQXc7sfL/ZScf4Iyqi
pdZrAY6Xwe1PCU2VYgf8fBdHfKKTIIrY0bVEsB3pYQSOcLxgnyXvDtvBCIubt/XA
+d9I0F1OQWFZBphBlfD0I4dMH+aJj4PnBGdbtHc2picmu70CAMYHCdXm+eH1n6Hl
0t767i6YSPUeuXtZML6GdRDpGoTkjLWVT3GqEgcsO3wAXnroS2y6O/HZlceRqpAB
LohJV+UCANFDjmrk67k9qUFADXUdUcHNr95ee6r6neyMczg/QT34aR5+XIaPc57l
trlKhcVwwk2nLWwANA11KOSq+gyhq98CAK5a8dFYqmMxrONPu9TuSsD1FTIU/rNR
7FsBQpL1rOswZUkflIUnwXD/KWQhAYiYYeRbWt11bGL0NFphP63+QVym2bQIdGVz
dCB0d2+IzgQTAQoAOBYhBCqG8iypAcqFz7HJ4NtIDtGvhp0OBQJrCEKuAhsDBQsJ
CAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJENtIDtGvhp0OXf8D/AsueoFVH0AZNruR
UUFihS8J8OOUcf8WMfByVueH+RvL47zWizy58lnqHTF3S6WFiGpbSHng4nqhS8uG
JMSFZRAWa54ejjsdn4oOOs3k6gEAEJA7aHGnDSBtZudaPF/uCHzYvMPBKzPiTOa0
9KvG9Spxt0tY+qMyJ2cLheZp+Lg4nQHYBGsIQq4BBADRkUZPQjP3WCBGTvALL2qz
12eifmOaT0nD5jylDaGMqn5gLbORmA3kHvcy10SYPCIiiGflHzf77EgykTmDlEyj
dW8ruseNq8wFCq9u5z9PmFSulThP5XzH9H+pThiJSfjQJlLr46OWXgOmjkmS+z+K
3EhK5DQMD3mwboup5wyhqwARAQABAAP/XcSGNJV3If9k5YCRaDfNou1JGgw6LcO3
Sjd8wA9CzulERW19cLIb2Qu/6JgoQYN6dIAbGIoo5wgYX8PZ+5VB2nvsdqHHVcMh
ddFiflqE0yVjS/sVMyEw3aixnNpQzKRw/Jz3Fiqv+OI/YQRD9qS9UsLyCzSgLuNm
xMXOcxaeqkkCANs1NX+C+sEy8Afg5uVmfeJ8Lkay1yTUVzhkPzhtCh+Ws0qRihM6
b4t5a7llMcLqOnoDiYHduZ9KBlgaNXe6s/kCAPS92Be+tqCo9Dr8u9jW8xEKt+xr
JfXvHfRblddN7UTLm6SmDRFSq7dJTi0tKgsdkByqFeQXO62ILIv3mYCuo8MCANWB
gjlNIcr4hrpPMF1izyC8fyDt9ZM1f8INga3MQzSqPPCiIXd0u1rXqW2s9sTu58QT
7gKfJ3tixGRhJ1o4gJ6iuYi2BBgBCgAgFiEEKobyLKkByoXPscng20gO0a+GnQ4F
AmsIQq4CGwwACgkQ20gO0a+GnQ7ONgP/ezy3XSNo+NaExp6hj7wAYaYftcLQ6X34
iMfHf571BO5FioZvsQgaS7pRYOsWfxfs3BuzcEy6yO5zC0UyodjcL7sxT6ywZhA4
KLuvVwDVMsp3Xt5rvrQV5XpCewRuHUUm6kjp6NaFHM5pNaP9oFrP/wEDgiKSWt/6
bKrRxWQwd4Y=
=OFvT
-----END PGP PRIVATE KEY BLOCK-----$$);
\set message '{"schema": "care_casework/hospital_notice", "version": "1.0", "family_name": "O''Neill \u00e9"}'
-- without pgcrypto
SELECT care_test.refused(format('SELECT casework.encrypted_message(%L, %L)', :'message', public_key)) FROM key WHERE who = 'one';
CREATE SCHEMA "of its own";
CREATE EXTENSION pgcrypto SCHEMA "of its own";
SELECT care_test.refused(format('SELECT casework.encrypted_message(%s)', a)) FROM unnest(ARRAY[$$NULL, 'x'$$, $$'[]', 'x'$$, $$'{}', NULL$$, $$'{}', ''$$, $$'{}', 'no key'$$]) AS a;
-- a key of secrets is no key to encrypt for: nobody's is handed in
SELECT care_test.refused(format('SELECT casework.encrypted_message(''{}'', %L)', secret_key)) FROM key WHERE who = 'one';
SELECT casework.encrypted_message(:'message', public_key) AS sent FROM key WHERE who = 'one' \gset
SELECT :'sent' ~ '^-----BEGIN PGP MESSAGE-----' AS armoured, :'sent' ~ 'Neill' AS readable, casework.encrypted_message(:'message', public_key) = :'sent' AS twice_the_same FROM key WHERE who = 'one';
CREATE FUNCTION pg_temp.opened(sent text, secret_key text) RETURNS jsonb LANGUAGE sql AS
    $$SELECT "of its own".pgp_pub_decrypt("of its own".dearmor(sent), "of its own".dearmor(secret_key))::jsonb$$;
SELECT pg_temp.opened(:'sent', secret_key) = casework.sealed_message(:'message') AS the_same, pg_temp.opened(:'sent', secret_key)->>'digest' = casework.message_digest(:'message') AS digest FROM key WHERE who = 'one';
SELECT left(care_test.refused(format('SELECT pg_temp.opened(%L, %L)', :'sent', secret_key)), 20) AS by_another FROM key WHERE who = 'two';
ROLLBACK;
