/** Value tables of master files. */
import type { Pack } from '../../../engine/pack.js';

export const masterFileTables: Pack['tables'] = {
  /** Table 0183. */
  StaffActive: { A: 'true', I: 'false' },
  /** Table 0183 in LDP-6. */
  DepartmentStatus: { A: 'active', I: 'inactive' },
};
