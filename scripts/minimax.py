"""Prints the coefficients in backends/jit/math with their errors: minimax fits by Remez exchange in 60 digits, each
coefficient rounded to its type and the others fitted again. Needs mpmath; takes some minutes. Run: python3 scripts/minimax.py

The last bits of erf's were then varied at random for the least total error in float32 arithmetic.
"""
import struct
from mpmath import atanh, cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 60
TINY = mpf(10) ** -12


def float32(x):
    return mpf(struct.unpack("<f", struct.pack("<f", float(x)))[0])


def float64(x):
    return mpf(float(x))


def remez(basis, target, weight, low, high, grid=1500, rounds=40):
    """Coefficients c with the least max |weight * (sum c * basis - target)| on a Chebyshev grid, and that maximum."""
    xs = [low + (high - low) * (1 - cos(pi * (k + mpf(1) / 2) / grid)) / 2 for k in range(grid)]
    rows, goals, weights = [[b(x) for b in basis] for x in xs], [target(x) for x in xs], [weight(x) for x in xs]
    n = len(basis)
    picks = [round((grid - 1) * (1 - float(cos(pi * k / n))) / 2) for k in range(n + 1)] if n else []
    best = ([], max(abs(w * g) for w, g in zip(weights, goals)))
    for turn in range(rounds if n else 0):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, p in enumerate(picks):
            for j in range(n):
                system[i, j] = rows[p][j]
            system[i, n] = (-1) ** i / weights[p]
            right[i] = goals[p]
        *c, level = lu_solve(system, right)
        errors = [w * (sum(cj * rj for cj, rj in zip(c, r)) - g) for w, r, g in zip(weights, rows, goals)]
        worst = max(abs(e) for e in errors)
        if turn == 0 or worst < best[1]:
            best = (c, worst)
        extrema = []  # the largest error of each run of equal signs
        for k, e in enumerate(errors):
            if extrema and (errors[extrema[-1]] > 0) == (e > 0):
                extrema[-1] = max(extrema[-1], k, key=lambda i: abs(errors[i]))
            else:
                extrema.append(k)
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) <= n or worst <= abs(level) * (1 + mpf(10) ** -4):
            break
        picks = extrema
    return best


def powers(degrees, factor=lambda x: 1):
    return [lambda x, d=d: factor(x) * x**d for d in degrees]


def value(c, x):
    return sum(cj * x**j for j, cj in enumerate(c))


def polynomial(name, target, weight, degree, low, high, rounding=float32, fixed=()):
    c = list(fixed)
    while len(c) <= degree:
        free, _ = remez(powers(range(len(c), degree + 1)), lambda x: target(x) - value(c, x), weight, low, high)
        c.append(rounding(free[0]))
    show(name, c, remez([], lambda x: target(x) - value(c, x), weight, low, high)[1])


def rational(name, target, degrees, low, high, scale):
    """P/Q, relative error; Q(0) is given by scale. If the range begins at 0 so is P(0): a scale for which their ratio is right."""
    p, q = ([float32(scale * target(0))] if low == 0 else []), [mpf(scale)]
    guess = lambda x: mpf(1)
    while len(p) <= degrees[0] or len(q) <= degrees[1]:
        free = degrees[0] + 1 - len(p)
        for _ in range(12 if len(q) == 1 else 4):
            basis = powers(range(len(p), degrees[0] + 1)) + powers(range(len(q), degrees[1] + 1), lambda x: -target(x))
            goal = lambda x: target(x) * value(q, x) - value(p, x)
            c, _ = remez(basis, goal, lambda x: 1 / target(x) / guess(x), low, high, 600, 25)
            guess = lambda x, tail=c[free:], known=tuple(q): value([*known, *tail], x)
        if free > 0:
            p.append(float32(c[0]))
        if len(q) <= degrees[1]:
            q.append(float32(c[free]))
    error = remez([], lambda x: 1 - value(p, x) / value(q, x) / target(x), lambda x: 1, low, high)[1]
    show(name + " p", p, error)
    show(name + " q", q, error)


def show(name, c, error):
    print(f"{name}: {[float(x) for x in c]}  relative error 2^{nstr(log(error, 2), 4)}", flush=True)


half = log(2) / 2 * mpf("1.0001")
quotient = lambda r: (exp(r) - 1 - r) / r**2 if abs(r) > TINY else mpf(1) / 2 + r / 6
polynomial("expTail", quotient, lambda r: r * r / exp(r) + TINY**3, 4, -half, half)
polynomial("expm1Tail", quotient, lambda r: r * r / exp(r) + TINY**3, 5, -half, half)

largest = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")
series = lambda z: 2 * atanh(sqrt(z)) / sqrt(z)
polynomial("atanhTail", lambda z: (series(z) - 2) / z, lambda z: z / 2, 2, TINY, largest)
polynomial("log2Series", lambda z: series(z) / log(2), lambda z: log(2) / 2, 4, TINY, largest, float64)
polynomial("exp2Series", lambda r: mpf(2) ** r, lambda r: mpf(2) ** -r, 6, mpf(-0.5), mpf(0.5), float64, [mpf(1)])

quarter = (pi / 4) ** 2 * mpf("1.0001")
polynomial("sinTail", lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z * sqrt(z) / sin(sqrt(z)), 2, TINY, quarter)
polynomial("cosTail", lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, lambda z: z * z / cos(sqrt(z)), 2, TINY, quarter)

shape = lambda z: erf(sqrt(z)) / sqrt(z) if z > TINY**2 else 2 / sqrt(pi)
rational("erf", shape, (5, 5), mpf(0), mpf("3.93") ** 2, mpf("1.46240234375"))

# the power is a 16th root: its error counts 16 times
root = lambda a: erfc(a / sqrt(mpf(2))) ** (-mpf(1) / 16)
polynomial("normalCdf root", root, lambda a: 16 / root(a), 8, mpf(0), mpf(4), fixed=[mpf(1)])
tail = lambda z: erfc(sqrt(z / 2)) / 2 * exp(z / 2) / sqrt(z)
rational("normalCdf far", tail, (2, 3), mpf("15.9"), mpf(211), 0.01)
