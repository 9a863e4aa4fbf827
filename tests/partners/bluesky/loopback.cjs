// Loaded before the network: every TCP listener of this process binds to 127.0.0.1.
// The servers name only a port, which would open them to every machine that can reach this one.
const { Server } = require('node:net')

const HOST = '127.0.0.1'
const listen = Server.prototype.listen
const isPort = (value) => typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))

Server.prototype.listen = function listenOnLoopback(first, ...rest) {
  if (isPort(first)) {
    const callbacks = rest.filter((argument) => typeof argument === 'function')
    return listen.call(this, { port: Number(first), host: HOST }, ...callbacks)
  }
  if (first !== null && typeof first === 'object' && first.port !== undefined) {
    return listen.call(this, { ...first, host: HOST }, ...rest)
  }
  if (first === undefined || typeof first === 'function') {
    return listen.call(this, { port: 0, host: HOST }, ...(first ? [first] : []), ...rest)
  }
  return listen.call(this, first, ...rest)
}
