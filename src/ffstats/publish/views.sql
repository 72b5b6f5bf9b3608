-- The questions that are asked most, as views. The comment before a view is its description for readers.

-- How many travelled and how many returned, by country and source? One row for each population that a source
-- counts; do not add rows up: sources count different people, and some rows are parts of others.
CREATE VIEW travelled_and_returned AS
SELECT
    e.iso3, e.origin, e.source_id, s.short AS source, e.who, e."group", e.place,
    max(CASE WHEN e.status = 'travelled' THEN e.low END) AS travelled_low,
    max(CASE WHEN e.status = 'travelled' THEN e.best END) AS travelled_best,
    max(CASE WHEN e.status = 'travelled' THEN e.high END) AS travelled_high,
    max(CASE WHEN e.status = 'travelled' THEN e.bound END) AS travelled_bound,
    max(CASE WHEN e.status = 'travelled' THEN e.as_of END) AS travelled_as_of,
    max(CASE WHEN e.status = 'returned' THEN e.low END) AS returned_low,
    max(CASE WHEN e.status = 'returned' THEN e.best END) AS returned_best,
    max(CASE WHEN e.status = 'returned' THEN e.high END) AS returned_high,
    max(CASE WHEN e.status = 'returned' THEN e.bound END) AS returned_bound,
    max(CASE WHEN e.status = 'returned' THEN e.as_of END) AS returned_as_of
FROM estimates AS e
JOIN sources AS s ON s.source_id = e.source_id
WHERE e.status IN ('travelled', 'returned') AND s.kind <> 'serial' AND e.seen_kind <> 'missing'
GROUP BY e.iso3, e.source_id, e.who, e."group", e.place
ORDER BY e.origin, s.rank, e.who, e.place;

-- What did national services and other bodies say of a country, from date to date? Later figures may repeat earlier ones.
CREATE VIEW said_by_date AS
SELECT e.iso3, e.origin, e.as_of, e.status, e.producer, e.who, e.low, e.best, e.high, e.bound, e.place, e.locator
FROM estimates AS e
JOIN sources AS s ON s.source_id = e.source_id
WHERE s.kind = 'serial' AND e.seen_kind <> 'missing'
ORDER BY e.origin, e.as_of, e.status, e.producer, e.estimate_id;

-- Which cells of which sources were never seen, and where would one look?
CREATE VIEW missing_cells AS
SELECT e.source_id, s.short AS source, e.iso3, e.origin, e.status, e.who, e.locator AS look_in
FROM estimates AS e
JOIN sources AS s ON s.source_id = e.source_id
WHERE e.seen_kind = 'missing'
ORDER BY s.rank, e.status, e.origin, e.estimate_id;

-- Where do the witnesses of one printed figure disagree, and how?
CREATE VIEW dissent AS
SELECT e.estimate_id, s.short AS source, e.origin, e.status, e.who, e.low, e.best, e.high, e.bound,
    e.n_witnesses, e.n_independent, e.tie, e.dissent
FROM estimates AS e
JOIN sources AS s ON s.source_id = e.source_id
WHERE e.dissent <> ''
ORDER BY s.rank, e.origin, e.estimate_id;

-- Who has seen each estimate, and in which words? One row for each witness.
CREATE VIEW witnesses AS
SELECT r.cell_id AS estimate_id, r.reading_id, r.printed, r.language, r.low, r.best, r.high, r.bound,
    r.seen_kind, r.agreement, r.locator, r.seen_at
FROM readings AS r
WHERE r.seen_kind <> 'missing'
ORDER BY r.cell_id, r.reading_id;

-- How many were said to be held, by whom, at which date?
CREATE VIEW detainees_by_date AS
SELECT period_start, period_end, report, who, "group", origin, place, population, printed, low, best, high, bound,
    seen_kind, repeats, locator
FROM series
WHERE status = 'detained' AND unit = 'persons'
ORDER BY period_start, period_end, series_id;

-- How many lived in camps, at which date?
CREATE VIEW in_camps_by_date AS
SELECT period_start, period_end, place, report, who, origin, population, printed, low, best, high, bound, seen_kind, repeats
FROM series
WHERE status = 'displaced' AND unit = 'persons'
ORDER BY place, period_start, period_end, series_id;

-- How strong was the group said to be, by whom, at which date?
CREATE VIEW strength_by_date AS
SELECT period_start, period_end, report, who, origin, place, population, printed, low, best, high, bound, seen_kind, repeats
FROM series
WHERE status = 'strength' AND unit = 'persons'
ORDER BY period_start, period_end, series_id;

-- Which numbers of the three texts differ from their source, and why?
CREATE VIEW claims_that_differ AS
SELECT c.text, c.page, c.note_no, c.claim_id, c.printed, c.paraphrase, v.flags, v.reason, c.cited_source
FROM verdicts AS v
JOIN claims AS c ON c.claim_id = v.claim_id
WHERE v.verdict = 'differs'
ORDER BY c.text, c.claim_id;

-- How many numbers of each text came to which verdict?
CREATE VIEW verdicts_by_text AS
SELECT text, verdict, count(*) AS claims
FROM verdicts
GROUP BY text, verdict
ORDER BY text, verdict;

-- What was seen of each number's source? One row for each piece of evidence; `decides` marks the one that the
-- verdict rests on.
CREATE VIEW evidence_for_claims AS
SELECT c.claim_id, c.text, c.printed AS claim_printed, e.evidence_id, e.evidence_id = v.evidence_id AS decides,
    e.relation, e.printed, e.low, e.high, e.bound, e.producer, e.locator, e.seen_kind, e.seen_at
FROM claims AS c
JOIN verdicts AS v ON v.claim_id = c.claim_id
JOIN evidence AS e ON e.claim_id = c.claim_id OR e.evidence_id = v.evidence_id
ORDER BY c.claim_id, e.evidence_id;

-- Travellers per million inhabitants, by country and source, in the last year of population that is held.
CREATE VIEW travelled_per_million AS
SELECT t.iso3, t.origin, t.source, t.who, p.year, p.population,
    round(t.travelled_low * 1e6 / p.population, 2) AS low_per_million,
    round(t.travelled_high * 1e6 / p.population, 2) AS high_per_million,
    t.travelled_bound AS bound
FROM travelled_and_returned AS t
JOIN population AS p ON p.iso3 = t.iso3 AND p.year = (SELECT max(q.year) FROM population AS q WHERE q.iso3 = t.iso3)
WHERE t.travelled_bound IS NOT NULL
ORDER BY t.origin, t.source, t.who;
