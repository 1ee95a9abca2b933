/** NPU: the state of a bed (A20). */
import type { ResourceMap } from '../../engine/pack.js';

export const placeMaps: readonly ResourceMap[] = [
  {
    id: 'npu-bed',
    segment: 'NPU',
    resource: 'Location',
    identity: 'place',
    mode: 'merge',
    rules: [
      { id: 'npu-1-identifier', from: 'NPU-1', to: 'identifier[+]', using: 'placeIdentifier' },
      { id: 'npu-1-name', from: 'NPU-1', to: 'name', using: 'placeName' },
      { id: 'npu-mode', to: 'mode', using: 'constant(instance)' },
      { id: 'npu-1-physical-type', from: 'NPU-1', to: 'physicalType', using: 'placeType' },
      { id: 'npu-1-ward', from: 'NPU-1', to: 'partOf', using: 'placeParent' },
      { id: 'npu-2-status', from: 'NPU-2', to: 'operationalStatus', using: 'codingBy(BedStatus)' },
    ],
  },
];
