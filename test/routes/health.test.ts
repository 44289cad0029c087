/** Health: live whatever the database does, and ready only while acts can be stored. */
import express from 'express';
import type { Connection } from 'mongoose';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { noMetrics } from '../../src/metrics.js';
import { checkWrite, connect } from '../../src/models/connect.js';
import { healthRouter, shareFor } from '../../src/routes/health.js';
import { openTestDatabase } from '../support/connection.js';
import { severable } from '../support/severable.js';

const database = await openTestDatabase();

function start(connection: Connection, isStopping = () => false) {
  const checked: boolean[] = [];
  const metrics = { ...noMetrics, databaseChecked: (isWritable: boolean) => void checked.push(isWritable) };
  return { app: express().use(healthRouter({ connection, metrics, isStopping })), checked };
}

async function closedConnection(): Promise<Connection> {
  const connection = await connect(database.uri);
  await connection.close();
  return connection;
}

describe('/livez', () => {
  it('answers while the database is unavailable', async () => {
    const answer = await request(start(await closedConnection()).app).get('/livez');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('alive\n');
  });

  it('answers while the process stops, so that a draining process is not killed', async () => {
    expect((await request(start(database.connection, () => true).app).get('/livez')).status).toBe(200);
  });
});

describe('/readyz', () => {
  it('is ready once a majority has stored a write on disk, and leaves one small document', async () => {
    const { app, checked } = start(database.connection);
    const answer = await request(app).get('/readyz');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(checked).toEqual([true]);
    await request(start(database.connection).app).get('/readyz');
    expect(await database.connection.collection('health').countDocuments()).toBe(1);
  });

  it('is not ready while the database is unavailable, and reveals nothing else', async () => {
    const { app, checked } = start(await closedConnection());
    const answer = await request(app).get('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.text).toBe('the database cannot be written\n');
    expect(checked).toEqual([false]);
  });

  it('is not ready from the moment that the process stops', async () => {
    let isStopping = false;
    const { app } = start(database.connection, () => isStopping);
    expect((await request(app).get('/readyz')).status).toBe(200);
    isStopping = true;
    const answer = await request(app).get('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.text).toBe('stopping\n');
  });
});

describe('checkWrite', () => {
  it('does not wait for a database that does not answer', async () => {
    const way = severable();
    const connection = await connect(await way.through(database.uri));
    expect(await checkWrite(connection, 5000)).toBe(true);
    way.stall();
    expect(await checkWrite(connection, 100)).toBe(false);
    way.cut();
    await connection.close();
  });
});

describe('shareFor', () => {
  it('makes one check for all requests at the same moment or soon after, and another later', async () => {
    let asked = 0;
    const share = shareFor(100, () => Promise.resolve((asked += 1)));
    expect(await Promise.all([share(), share(), share()])).toEqual([1, 1, 1]);
    expect(await share()).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await share()).toBe(2);
  });
});
