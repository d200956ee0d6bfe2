export { loadPeer } from './load-peer.js';
