-- An account whose metered rate is 300 pounds a week for a year of 366 days.
SELECT care.open_account('E08000035', 'A-1', 'P-1', '1940-01-01', '2022', '2023-10-01') AS account_id \gset
SELECT FROM care.record_budget(:account_id, '2023-10-01', 'personal_budget', 'community', 500, 300);
