"""What watches over the runs: who holds them, where they stand, waiting for them, sweeping up behind them."""
