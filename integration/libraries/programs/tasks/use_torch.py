"""PyTorch on the CPU: its pool of threads, gradients, and a loader with processes."""

from . import with_processes


def multiplies_matrices():
    import torch

    generator = torch.Generator().manual_seed(1)
    a = torch.randn(1000, 1000, generator=generator, dtype=torch.float64)
    return round(float((a @ a.T).trace()), 3)


def learns():
    import torch

    torch.manual_seed(1)
    model = torch.nn.Linear(20, 1, dtype=torch.float64)
    x = torch.randn(2000, 20, dtype=torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        loss.backward()
        optimizer.step()
    return round(loss.item(), 6)


def loads_in_processes():
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(torch.arange(1000)), batch_size=50, num_workers=2)
    with with_processes():
        return int(sum(batch[0].sum() for batch in loader))
