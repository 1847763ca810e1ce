"""The two fits behind a calibration, by Newton's method: convex, small, deterministic.

Both take standardised columns and a ridge penalty, and return weights for the raw columns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = 60
TOLERANCE = 1e-8


def fit_conditional_logit(
    columns: Doubles, owners: NDArray[np.intp], right: Bools, penalty: float = 1e-3
) -> Doubles:
    """Weights that put a right candidate first (McFadden 1974).

    Args:
        columns: signals of all candidates of all questions, shape (rows, signals).
        owners: question number of each row, rising from 0.
        right: whether the row's entry answers the question; every question has at least one.
        penalty: on the squared standardised weights, per question.

    Returns:
        Shape (signals,).
    """
    scale = _scale(columns)
    rows = columns / scale
    questions = int(owners[-1]) + 1
    everything = np.ones(len(rows), dtype=bool)

    def loss(weights: Doubles) -> float:
        scores = rows @ weights
        missed = _log_totals(scores, owners, everything) - _log_totals(scores, owners, right)
        return float(missed.mean() + penalty * weights @ weights)

    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        scores = rows @ weights
        shares = _shares(scores, owners, everything)
        missed = shares - _shares(scores, owners, right)
        gradient = rows.T @ missed / questions + 2 * penalty * weights
        # Curvature of the term over all candidates only: always positive, so the step descends.
        means = np.zeros((questions, rows.shape[1]))
        np.add.at(means, owners, rows * shares[:, None])
        curvature = ((rows * shares[:, None]).T @ rows - means.T @ means) / questions
        step = np.linalg.solve(curvature + 2 * penalty * np.eye(len(weights)), gradient)
        length = 1.0
        while length > TOLERANCE and loss(weights - length * step) > loss(weights):
            length /= 2
        weights = weights - length * step
        if np.abs(length * step).max() < TOLERANCE:
            break
    return np.asarray(weights / scale)


def fit_logistic(columns: Doubles, right: Bools, penalty: float = 0.01) -> tuple[Doubles, float]:
    """Weights and intercept of a logistic regression.

    Args:
        columns: features, shape (questions, features).
        right: outcomes, shape (questions,).
        penalty: on the squared standardised weights, per question; the intercept goes free. It
            is firm because questions written for a base are kinder than those people ask, and a
            fit that believes them is too sure of itself.
    """
    scale, mean = _scale(columns), columns.mean(axis=0)
    rows = np.column_stack([(columns - mean) / scale, np.ones(len(columns))])
    ridge = np.full(rows.shape[1], penalty * len(rows))
    ridge[-1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        odds = np.clip(rows @ weights, -30, 30)
        chance = 1 / (1 + np.exp(-odds))
        gradient = rows.T @ (chance - right) + ridge * weights
        hessian = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        weights -= np.clip(step, -5, 5)
        if np.abs(step).max() < TOLERANCE:
            break
    raw = weights[:-1] / scale
    return np.asarray(raw), float(weights[-1] - raw @ mean)


def _scale(columns: Doubles) -> Doubles:
    spread = columns.std(axis=0)
    return np.where(spread > 1e-9, spread, 1.0)  # noqa: PLR2004


def _shares(scores: Doubles, owners: NDArray[np.intp], among: Bools) -> Doubles:
    """Softmax of the scores within each question, over the rows of `among`."""
    logs = scores - _log_totals(scores, owners, among)[owners]
    return np.where(among, np.exp(np.minimum(logs, 0.0)), 0.0)


def _log_totals(scores: Doubles, owners: NDArray[np.intp], among: Bools) -> Doubles:
    """Log of the summed exponentials per question, over the rows of `among`."""
    highest = np.full(int(owners[-1]) + 1, -np.inf)
    np.maximum.at(highest, owners[among], scores[among])
    totals = np.zeros(len(highest))
    np.add.at(totals, owners[among], np.exp(scores[among] - highest[owners[among]]))
    return np.asarray(highest + np.log(totals))
