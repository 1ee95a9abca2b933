import { describe, expect, test } from '@jest/globals';
import { createMemoryRawArchive } from '../../src/adapters/memory/raw-archive.js';
import { hashOf } from '../../src/app/content-hash.js';
import { acceptMessage } from '../../src/app/accept-message.js';
import { receiveBody, wholeBody } from '../../src/app/receive-body.js';
import { createMemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { aMessage } from '../support/messages.js';

const contentType = 'application/hl7-v2+er7';

async function* inPieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

/** A result with a document of a megabyte behind the patient. */
const large = (): Uint8Array =>
  Buffer.concat([aMessage(), Buffer.from(`OBX|1|ED|DOC||^^^^${'QUJD'.repeat(262_144)}\r`)]);

const archiveOf = () => {
  let unnamed = 0;
  const archive = createMemoryRawArchive();
  return {
    unnamed: () => unnamed,
    archive: {
      ...archive,
      putUnnamed: (...args: Parameters<typeof archive.putUnnamed>) => {
        unnamed += 1;
        return archive.putUnnamed(...args);
      },
    },
  };
};

describe('a body', () => {
  test('that is small is held as a whole and stored by nobody yet', async () => {
    const { archive, unnamed } = archiveOf();
    const bytes = aMessage();
    expect(await receiveBody(archive, inPieces(bytes, 10), { contentType })).toEqual(wholeBody(bytes));
    expect(unnamed()).toBe(0);
  });

  test('that is large is in the archive, and known by hash, size and outline', async () => {
    const { archive, unnamed } = archiveOf();
    const bytes = large();
    const body = await receiveBody(archive, inPieces(bytes, 65_536), { contentType });
    expect(unnamed()).toBe(1);
    expect({ sha256: body.sha256, size: body.size }).toEqual({ sha256: hashOf(bytes), size: bytes.length });
    expect(Buffer.from(body.bytes)).toEqual(Buffer.from(aMessage()));
    await body.unnamed?.putAt('there');
    expect(Buffer.from((await archive.get('there'))!)).toEqual(bytes);
  });

  test('that breaks off stores nothing', async () => {
    const { archive } = archiveOf();
    const broken = async function* () {
      yield* inPieces(large(), 65_536);
      throw new Error('the sender went away');
    };
    await expect(receiveBody(archive, broken(), { contentType })).rejects.toThrow('the sender went away');
  });

  test('that is large is not stored when the exchange holds intake back', async () => {
    const { archive, unnamed } = archiveOf();
    const beforeLarge = () => Promise.reject(new Error('too much waits'));
    await expect(
      receiveBody(archive, inPieces(large(), 65_536), { contentType, beforeLarge }),
    ).rejects.toThrow('too much waits');
    expect(unnamed()).toBe(0);
  });
});

describe('a large message', () => {
  test('is accepted as the same message when it was held as a whole', async () => {
    const exchange = createMemoryExchange();
    const bytes = large();
    const accept = async (body: Awaited<ReturnType<typeof receiveBody>>) =>
      acceptMessage(exchange, { feed: sampleFeed, body, contentType });
    const first = await accept(await receiveBody(exchange.archive, inPieces(bytes, 65_536), { contentType }));
    expect(first.outcome).toBe('accepted');
    expect(Buffer.from((await exchange.archive.get(first.receipt.archivePath))!)).toEqual(bytes);
    const second = await accept(wholeBody(bytes));
    expect(second.outcome).toBe('duplicate');
    expect(second.receipt).toEqual(first.receipt);
  });
});
