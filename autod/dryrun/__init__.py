"""What files say and would cost: nothing is recorded, moved or paid for."""
