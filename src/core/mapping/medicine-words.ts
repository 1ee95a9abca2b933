/** Words of the exchange about medicines, which other parts of it know again. */

/** What FHIR's requirement of a medicine is met with where nobody names one. */
export const NOT_STATED = 'Not stated';

/** What precedes the name of the medicine that was asked for, in a note beside the one that the pharmacy encodes. */
export const REQUESTED = 'Requested: ';
