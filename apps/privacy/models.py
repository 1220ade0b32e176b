"""What is erased when: periods, what was done, and requests of people."""
