/** Address ranges (IPv4): `cidrSubnet` and `cidrHost`. */
import { textOf, type Value } from './values.js';

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

const addressOf = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');

function rangeOf(cidr: Value = '') {
  const [address = '', prefix = '32'] = textOf(cidr).split('/');
  const size = 2 ** (32 - Number(prefix));
  return { start: Math.floor(numberOf(address) / size) * size, size, prefix: Number(prefix) };
}

function cidrSubnet(cidr?: Value, prefix?: Value, index?: Value): Value {
  const range = rangeOf(cidr);
  const size = 2 ** (32 - Number(prefix));
  const start = range.start + Number(index) * size;
  if (size > range.size || start + size > range.start + range.size) {
    throw new Error(`${textOf(cidr ?? null)} has no subnet ${Number(index)} of /${Number(prefix)}`);
  }
  return `${addressOf(start)}/${Number(prefix)}`;
}

export const networkFunctions = {
  cidrSubnet,
  /** The first host comes after the address of the network itself. */
  cidrHost: (cidr?: Value, index?: Value): Value => addressOf(rangeOf(cidr).start + 1 + Number(index)),
  parseCidr: (cidr?: Value): Value => {
    const { start, size, prefix } = rangeOf(cidr);
    return { network: addressOf(start), broadcast: addressOf(start + size - 1), cidr: prefix };
  },
};
