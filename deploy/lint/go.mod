module varve/deploy/lint

go 1.24.0
