// The network itself: PLC directory, PDS and AppView in one process, without any data.
//
// Started by tests/partners/bluesky_network.py. It hears one word per line on standard input and answers on the file
// descriptor named by READY_FD with one JSON object per line:
//   (start)  -> {"pds": url, ...}      every server answers
//   settle   -> {"settled": true}      the AppView has seen everything the PDS wrote
// The end of standard input stops it, so that it never outlives the tests.
import fs from 'node:fs'
import readline from 'node:readline'
import { Secp256k1Keypair } from '@atproto/crypto'
import { TestNetwork } from '@atproto/dev-env'
import { didForCreateOp, signOperation } from '@did-plc/lib'

const [plcPort, pdsPort, appviewPort, moderationPort] = process.env.PORTS.split(',').map(Number)
const say = (answer) => fs.writeSync(Number(process.env.READY_FD), JSON.stringify(answer) + '\n')

const network = await TestNetwork.create({
  dbPostgresSchema: 'network',
  plc: { port: plcPort },
  pds: { port: pdsPort, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: appviewPort, publicUrl: `http://localhost:${appviewPort}` },
  ozone: { port: moderationPort },
})

// Bluesky's chat service is closed. Ours stands in for it; once it is in the directory, the real PDS carries chat calls
// to it and signs them.
async function registerChat(endpoint) {
  const key = await Secp256k1Keypair.create()
  const operation = await signOperation(
    {
      type: 'plc_operation',
      rotationKeys: [key.did()],
      verificationMethods: {},
      alsoKnownAs: [],
      services: { bsky_chat: { type: 'BskyChatService', endpoint } },
      prev: null,
    },
    key,
  )
  const did = await didForCreateOp(operation)
  await network.plc.getClient().sendOperation(did, operation)
  return did
}

const chatDid = await registerChat(process.env.CHAT_URL)

async function stop() {
  try {
    await network.close()
  } finally {
    process.exit(0)
  }
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
const orders = readline.createInterface({ input: process.stdin })
orders.on('line', async (order) => {
  if (order !== 'settle') return
  try {
    await network.processAll(20_000)
    say({ settled: true })
  } catch (error) {
    say({ problem: String(error) })
  }
})
orders.on('close', stop)

say({ chatDid, pds: network.pds.url, appview: network.bsky.url, plc: network.plc.url })
