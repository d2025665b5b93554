"""What a message says beside its rights that changes who must look: a child writes, a customer of ours is meant."""
