--
-- list: the national lists of people in prison, with the few that are ours.
--
-- Must not know: what a code is used for.
--

SELECT casework_internal.ship_codes('prison_agency_type', 'MOJ-PR', $${
    {INST, Prison},
    {APPR, "Approved Premises"},
    {IMDC, "Immigration Detention Centre"},
    {STC, "Secure Training Centre"},
    {SCH, "Secure Children's Home"},
    {HSHOSP, "High Security Hospital"},
    {HOST, "Voluntary Hostel"},
    {POLICE, "Police Station"},
    {TRN, "In Transit"},
    {OUT, Outside}}$$);
SELECT casework_internal.ship_codes('prison_disapplied', 'S76', $${
    {direct_payment, "Direct payments (sections 31 to 33)"},
    {choice_of_accommodation, "Choice of accommodation (section 30), except for accommodation on release"},
    {property_protection, "Protecting property (section 47)"}}$$, valid_from => '2015-04-01');
SELECT casework_internal.ship_codes('prison_disapplied', 'SPEC', $${
    {carer_assessment, "Carers' assessments"}}$$, valid_from => '2015-04-01');
SELECT casework_internal.ship_codes('prison_referral_source', 'SPEC', $${
    {prison_officer, "Prison officer"},
    {prison_health, "Prison health provider"},
    {self, "The prisoner"}}$$, valid_from => '2015-04-01');
SELECT casework_internal.ship_codes('prison_referral_source', 'ours', $${
    {other_authority, "Another authority or establishment"},
    {probation, Probation},
    {family, "Family or friend"},
    {advocate, Advocate},
    {other, Other}}$$);
SELECT casework_internal.ship_codes('prison_restriction_kind', 'ours', $${
    {possessions, "Limits on possessions"},
    {activities, "Limits on activities"},
    {contact, "Limits on contact"},
    {visits, "Limits on visits by staff"},
    {equipment, "Limits on equipment"}}$$);
SELECT casework_internal.ship_codes('prison_secret_kind', 'ours', $${
    {offence, "The offence"}, {victim, "A victim"}, {security, "A risk to security"}}$$);
SELECT casework_internal.ship_codes('handover_purpose', 'ours', $${
    {prison_move, "A move between prisons"}, {release, "Release"}, {plan, "The plan, for the prison"}}$$);
