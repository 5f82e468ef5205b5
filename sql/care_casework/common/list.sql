--
-- list: the national lists that say who a person is: gender, ethnicity, support reason, health condition, age.
--
-- Ethnicity and support reason are recorded by the finer lists of client level data; each of their codes says which of
-- the Safeguarding Adults Collection it counts as.
--
-- Must not know: what a code is used for.
--

SELECT casework_internal.ship_codes('sac_age_band', 'SAC-CODE', $${
    {18-64, 18-64},
    {65-74, 65-74},
    {75-84, 75-84},
    {85-94, 85-94},
    {"95+", "95+"}}$$);
SELECT casework_internal.ship_codes('sac_age_band', 'SAC1', $${
    {not_known, "Age not recorded"}}$$);
SELECT casework_internal.ship_codes('sac_gender', 'SAC-CODE', $${
    {male, Male},
    {female, Female},
    {not_known, "Not Known"}}$$);
SELECT casework_internal.ship_codes('sac_ethnicity', 'SAC-CODE', $${
    {white, White},
    {mixed, "Mixed / Multiple"},
    {asian, "Asian / Asian British"},
    {black, "Black / African / Caribbean / Black British"},
    {other, "Other Ethnic Group"},
    {refused, Refused},
    {not_known, "Undeclared / Not Known"}}$$);
SELECT casework_internal.ship_codes('sac_support_reason', 'SAC-CODE', $${
    {physical, "Physical Support"},
    {sensory, "Sensory Support"},
    {memory, "Support with Memory and Cognition"},
    {learning_disability, "Learning Disability Support"},
    {mental_health, "Mental Health Support"},
    {social, "Social Support"},
    {none, "No Support Reason"},
    {not_known, "Not Known"}}$$);
-- The source was read in two rows only: the others of table SG1e are entered with casework.record_code().
SELECT casework_internal.ship_codes('sac_health_condition', 'SAC-CODE', $${
    {autism,
"Learning, Developmental or Intellectual Disability (Autism excluding Asperger's Syndrome/ High Functioning Autism)"},
    {asperger, "Learning, Developmental or Intellectual Disability (Asperger's Syndrome/ High Functioning Autism)"},
    {*, "The other rows (physical, neurological, sensory, mental health, none) are not known: enter them"}}$$);
SELECT casework_internal.ship_codes('cld_ethnicity', 'CLD-DOC', $${
    {asian__any_other_asian_background, "Asian or Asian British: Any other Asian background", asian},
    {asian__bangladeshi, "Asian or Asian British: Bangladeshi", asian},
    {asian__chinese, "Asian or Asian British: Chinese", asian},
    {asian__indian, "Asian or Asian British: Indian", asian},
    {asian__pakistani, "Asian or Asian British: Pakistani", asian},
    {black__african, "Black, Black British, Caribbean or African: African", black},
    {black__any_other_black_black_british_or_caribbe,
     "Black, Black British, Caribbean or African: Any other Black, Black British or Caribbean background", black},
    {black__caribbean, "Black, Black British, Caribbean or African: Caribbean", black},
    {mixed__any_other_mixed_or_multiple_ethnic_backg,
     "Mixed or multiple ethnic groups: Any other Mixed or multiple ethnic background", mixed},
    {mixed__white_and_asian, "Mixed or multiple ethnic groups: White and Asian", mixed},
    {mixed__white_and_black_african, "Mixed or multiple ethnic groups: White and Black African", mixed},
    {mixed__white_and_black_caribbean, "Mixed or multiple ethnic groups: White and Black Caribbean", mixed},
    {other__any_other_ethnic_group, "Other ethnic group: Any other ethnic group", other},
    {other__arab, "Other ethnic group: Arab", other},
    {white_any_other_white_background, "White: Any other White background", white},
    {white_english_welsh_scottish_northern_irish_or,
     "White: English, Welsh, Scottish, Northern Irish or British", white},
    {white_gypsy_or_irish_traveller, "White: Gypsy or Irish Traveller", white},
    {white_irish, "White: Irish", white},
    {white_roma, "White: Roma", white},
    {no_dat_refused, "No data: Refused", refused},
    {no_dat_undeclared_or_not_known, "No data: Undeclared or not known", not_known}}$$, named => '{sac_ethnicity}');
SELECT casework_internal.ship_codes('cld_primary_support_reason', 'CLD-R2-VOCAB', $${
    {physical_access, "Physical support: Access and mobility only", physical},
    {physical_personal, "Physical support: Personal care support", physical},
    {sensory_visual, "Sensory support: Support for visual impairment", sensory},
    {sensory_hearing, "Sensory support: Support for hearing impairment", sensory},
    {sensory_dual, "Sensory support: Support for dual impairment", sensory},
    {memory, "Support with memory and cognition", memory},
    {learning_disability, "Learning disability support", learning_disability},
    {mental_health, "Mental health support", mental_health},
    {substance, "Social support: Substance misuse support", social},
    {asylum, "Social support: Asylum seeker support", social},
    {isolation, "Social support: Support for social isolation or other reason", social},
    {carer, "Social support: Support to unpaid carer", social},
    {unknown, Unknown, not_known}}$$, named => '{sac_support_reason}');
-- Where rows come from.
SELECT casework_internal.ship_codes('source', 'ours', $${
    {SPEC, "Informatics Specification for Care Act Part 2, Department of Health and ADASS, 2015"},
    {CA42, "Care Act 2014 section 42, as set out in Safeguarding Adults 2021-22 supporting information"},
    {SAC-SUPP, "Safeguarding Adults 2021-22, supporting information"},
    {SAC1819, "Safeguarding Adults 2018-19, introduction"},
    {SAC1, "SAC 2024-25 guidance, SG1"},
    {SAC2, "SAC 2024-25 guidance, SG2"},
    {SAC-TERM, "SAC 2023-24 guidance, terminology"},
    {SAC-CODE, "Code that publishes the statistics (2022-23), commit 99c7413"},
    {HACK, "One council's published form definition (example only)"},
    {CLD-DOC, "CLD main tables methodology, commit 9bee728"},
    {CLD-R2-VOCAB, "Draft service episode standard (DfE and DHSC funded) that reproduces CLD lists"},
    {MOJ-PR, "Prison register, Ministry of Justice, commit 8dc0227 (MIT licence, Crown copyright)"},
    {S76, "Care Act 2014 explanatory notes, section 76"},
    {ours, "Our choice, where no source says"}}$$);
