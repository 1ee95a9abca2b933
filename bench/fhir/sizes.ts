/** How much the servers in memory hold. Medplum's looks at every record of a type for a search: few, in its favour. */
export const patients = 500;
export const observationsEach = 10;
