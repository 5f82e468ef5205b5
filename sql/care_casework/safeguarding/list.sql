--
-- list: the national lists of safeguarding, with the few that are ours.
--
-- Must not know: what a code is used for.
--

-- Each table counts something, has a row for each code of its lists (none: one row), a column likewise, and measures.
SELECT casework_internal.ship_codes('sac_table', 'SAC-CODE', $${
    {SG1a, "Individuals by age band", individuals, sac_age_band, "", started},
    {SG1b, "Individuals by gender", individuals, sac_gender, "", started},
    {SG1c, "Individuals by ethnicity", individuals, sac_ethnicity, "", started},
    {SG1d, "Cases by primary support reason", cases, sac_support_reason, "", started},
    {SG1e, "Cases by reported health condition", cases, sac_health_condition, "", started},
    {SG1f, "Totals of concerns, section 42 and other enquiries", cases, "", "", started},
    {SG2a, "Type of risk by source of risk", "enquiries, once in each pair", sac_risk_type, sac_source_of_risk,
     concluded},
    {SG2a_b1, "Type of risk by location", "enquiries, once in each pair", sac_risk_type, sac_location, concluded},
    {SG2b, "Location of risk by source of risk", "enquiries, once in each pair", sac_location, sac_source_of_risk,
     concluded},
    {SG2c, "Risk assessment outcome", enquiries, sac_risk_assessment_outcome, "", concluded},
    {SG2e, "Risk outcome where a risk was identified", enquiries, sac_risk_outcome, "", concluded},
    {SG3a, "Mental capacity, and support of those who lacked it", enquiries, sac_capacity, "", concluded},
    {SG4a, "Making Safeguarding Personal: asked, expressed, achieved", enquiries,
     "sac_outcomes_asked sac_outcomes_achieved", "", concluded},
    {SG5a, "Safeguarding adult reviews by whether anyone died", reviews, sac_review, "", reviewed},
    {SG5b, "Individuals in reviews who suffered serious harm", individuals, sac_review, "", reviewed}}$$,
    named => '{counts,rows,columns,measures}');
SELECT casework_internal.ship_codes('sac_measure', 'SAC-CODE', $${
    {concern, "Safeguarding concerns", started},
    {section_42, "Section 42 enquiries", started},
    {other, "Other enquiries", started},
    {concluded_section_42, "Concluded section 42 enquiries", concluded},
    {concluded_other, "Concluded other enquiries", concluded}}$$, named => '{of}');
SELECT casework_internal.ship_codes('sac_measure', 'ours', $${
    {review, "Safeguarding adults reviews", reviewed}}$$, named => '{of}');
SELECT casework_internal.ship_codes('sac_risk_type', 'SAC-CODE', $${
    {physical, "Physical Abuse"},
    {sexual, "Sexual Abuse"},
    {psychological, "Psychological Abuse"},
    {financial, "Financial or Material Abuse"},
    {discriminatory, "Discriminatory Abuse"},
    {organisational, "Organisational Abuse"},
    {neglect, "Neglect and Acts of Omission"},
    {domestic, "Domestic Abuse"},
    {sexual_exploitation, "Sexual Exploitation"},
    {modern_slavery, "Modern Slavery"},
    {self_neglect, Self-Neglect}}$$);
SELECT casework_internal.ship_codes('sac_source_of_risk', 'SAC-CODE', $${
    {service_provider, "Service Provider"},
    {known, "Other - Known to individual"},
    {unknown, "Other - Unknown to individual"}}$$);
SELECT casework_internal.ship_codes('sac_location', 'SAC-CODE', $${
    {own_home, "Own Home"},
    {community, "In the Community"},
    {community_service, "Community Service"},
    {care_home_nursing, "Care Home - Nursing"},
    {care_home_residential, "Care Home - Residential"},
    {hospital_acute, "Hospital - Acute"},
    {hospital_mental_health, "Hospital - Mental Health"},
    {hospital_community, "Hospital - Community"},
    {other, Other}}$$);
SELECT casework_internal.ship_codes('sac_risk_outcome', 'SAC-CODE', $${
    {remained, "Risk remained"},
    {reduced, "Risk reduced"},
    {removed, "Risk removed"}}$$);
SELECT casework_internal.ship_codes('sac_capacity', 'SAC-CODE', $${
    {lacked, "Yes, they lacked capacity"},
    {had, "No, they did not lack capacity"},
    {dont_know, "Don't know"},
    {not_recorded, "Not recorded"},
    {supported,
     "Of the enquiries recorded as Yes, in how many was support provided by an advocate, family or friend"}}$$);
SELECT casework_internal.ship_codes('sac_outcomes_asked', 'SAC-CODE', $${
    {expressed, "Yes they were asked and outcomes were expressed"},
    {asked_none, "Yes they were asked but no outcomes were expressed"},
    {not_asked, No},
    {dont_know, "Don't Know"},
    {not_recorded, "Not Recorded"}}$$);
SELECT casework_internal.ship_codes('sac_outcomes_achieved', 'SAC-CODE', $${
    {fully, "Fully Achieved"},
    {partially, "Partially Achieved"},
    {not, "Not Achieved"}}$$);
SELECT casework_internal.ship_codes('sac_review', 'SAC-CODE', $${
    {died, "SG5a Where one or more individuals died", SG5a},
    {none_died, "SG5a Where no individuals died", SG5a},
    {harm_died, "SG5b Who suffered serious harm and died", SG5b},
    {harm_survived, "SG5b Who suffered serious harm and survived", SG5b}}$$, named => '{table}');
SELECT casework_internal.ship_codes('sg_enquiry_type', 'CA42', $${
    {section_42, "Enquiry under section 42"}}$$, valid_from => '2015-04-01');
SELECT casework_internal.ship_codes('sg_enquiry_type', 'SAC-SUPP', $${
    {other, "Other (non-statutory) enquiry"}}$$, valid_from => '2015-04-01');
SELECT casework_internal.ship_codes('sg_caused_enquiry_status', 'ours', $${
    {asked, "Asked of another body"},
    {accepted, "Accepted by it"},
    {returned, "Findings returned"},
    {adequate, "Accepted by the authority as adequate"},
    {sent_back, "Sent back as not adequate"},
    {escalated, "Escalated: overdue, refused or inadequate"},
    {taken_back, "Taken back by the authority"}}$$);
SELECT casework_internal.ship_codes('sac_risk_assessment_outcome', 'SAC-CODE', $${
    {identified_action, "Risk identified and action taken", yes, yes},
    {identified_no_action, "Risk identified and no action taken", yes, no},
    {inconclusive_action, "Risk Assessment inconclusive and action taken", "", yes},
    {inconclusive_no_action, "Risk Assessment inconclusive and no action taken", "", no},
    {none_action, "No risk identified and action taken", no, yes},
    {none_no_action, "No risk identified and no action taken", no, no},
    {ceased, "Enquiry ceased at individual's request and no action taken", "", no}}$$,
    named => '{risk_identified,action_taken}');
-- Ours: how a concern was raised, whose voice it is, and what kinds of outcome people want.
SELECT casework_internal.ship_codes('sg_raised_by', 'ours', $${
    {adult, "The adult"}, {family, "Family, friend or neighbour"}, {provider, "A provider of care"},
    {health, "Health service"}, {police, "Police"}, {authority, "Staff of the authority"}, {other, "Other"}}$$);
SELECT casework_internal.ship_codes('sg_voice', 'ours', $${
    {adult,
     "The adult, in their own words"}, {representative, "Their representative"}, {advocate, "Their advocate"}}$$);
SELECT casework_internal.ship_codes('sg_wanted_outcome', 'ours', $${
    {safer, "To be or feel safer"}, {control, "To decide about their own life"},
    {relationship, "To keep a relationship that matters"}, {justice, "Justice, an apology or an explanation"},
    {others_safe, "That it does not happen to others"}, {recovery, "To recover"}, {other, "Something else"}}$$);
