"""The peers that `cleaner bench` sets side by side: ourselves, extractors of pages, filters of text, and floors."""

from cleaner.bench.peers.registry import GROUP, PEERS, Offer, find_peer, find_peers, list_offers

__all__ = ["GROUP", "PEERS", "Offer", "find_peer", "find_peers", "list_offers"]
